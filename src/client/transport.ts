// One question of the client to the API: a GET with the key, its answer read whole, what went wrong said in one way.

import pLimit from 'p-limit'
import { AnalyticsError } from './analytics-error.ts'
import { apiError } from './api-error.ts'
import { type Patience, withRetries } from './retry.ts'

/** Where the API is, who asks, and how often at once. */
export interface TransportOptions {
  baseUrl: string
  apiKey: string
  concurrency?: number
  fetch?: typeof globalThis.fetch
}

/** Asks and resolves to the parsed JSON of a 200. Rejects with `AnalyticsError`, or with the signal's reason. */
export type Transport = (
  path: string,
  search: Record<string, string> | [name: string, value: string][],
  patience: Patience,
) => Promise<unknown>

/** The API's own limit for a key. */
const MAX_CONCURRENCY = 10
/** The API itself ends a request within 10 s. */
const ATTEMPT_TIMEOUT_MS = 15_000

/** Makes the function that asks, with the retries of `withRetries`; a request that waits for its retry keeps its place. */
export function createTransport(options: TransportOptions): Transport {
  const { concurrency = MAX_CONCURRENCY, fetch = (input, init) => globalThis.fetch(input, init) } = options
  const baseUrl = checkedUrl(options.baseUrl)
  const headers = { 'x-api-key': checkedKey(options.apiKey), accept: 'application/json' }
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MAX_CONCURRENCY) {
    throw new TypeError(`concurrency is ${concurrency}: give 1 to ${MAX_CONCURRENCY}`)
  }
  const limit = pLimit(concurrency)
  return function get(path, search, patience) {
    const url = `${baseUrl}${path}?${new URLSearchParams(search)}`
    const attempt = async () => {
      const signal = AbortSignal.any([patience.signal, AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)])
      // A redirect elsewhere would take the key along.
      const { response, text } = await readWhole(() => fetch(url, { headers, redirect: 'manual', signal }))
      return parse(response, text)
    }
    return limit(() => withRetries(attempt, patience))
  }
}

function checkedUrl(baseUrl: string): string {
  if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol)) {
    throw new TypeError('baseUrl is not an http(s) address: give one such as https://analytics.example.com')
  }
  return baseUrl.replace(/\/+$/, '')
}

/** `fetch` would put a key that no header can hold into its error. */
function checkedKey(apiKey: string): string {
  if (!/^[!-~]+$/.test(apiKey)) throw new TypeError('apiKey is no key: give that of your organization')
  return apiKey
}

/** Reads the body at once: a cut one is a failed try. */
async function readWhole(send: () => Promise<Response>): Promise<{ response: Response; text: string }> {
  try {
    const response = await send()
    return { response, text: await response.text() }
  } catch (cause) {
    throw new AnalyticsError('No whole answer came. Check the network and baseUrl.', {
      code: 'network_error',
      cause,
    })
  }
}

function parse(response: Response, text: string): unknown {
  const body = parseJson(text)
  if (response.status >= 400) throw apiError(response, body)
  if (response.ok && body !== undefined) return body
  throw new AnalyticsError(`Status ${response.status} without JSON is no answer of the API. Check baseUrl.`, {
    code: 'unexpected_answer',
    status: response.status,
    requestId: response.headers.get('x-request-id') ?? undefined,
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
