// Sends a request to the API: a GET with the key, paced, repeated if needed, and with its body read whole.

import pLimit from 'p-limit'
import { AnalyticsError } from './analytics-error.ts'
import { apiError } from './api-error.ts'
import { invalidArgument, kindOf } from './arguments.ts'
import { type Pace, RateGate } from './rate-gate.ts'
import { withRetries } from './retry.ts'
import type { Search } from './search-parameters.ts'

/** Where the API is, whose key or session is used, and how much of its limits. */
export interface TransportOptions {
  baseUrl: string | undefined
  apiKey?: string | undefined
  credentials?: 'same-origin' | undefined
  concurrency?: number | undefined
  bulkShare?: number | undefined
  fetch?: typeof globalThis.fetch | undefined
}

/** Sends requests. */
export interface Transport {
  /** Resolves to the parsed JSON of a 200. Rejects with `AnalyticsError`, or with the signal's reason. */
  get(path: string, search: Search, pace: Pace): Promise<unknown>
  /** What the responses report about the key's rate limit. */
  gate: Pick<RateGate, 'windowMs' | 'bulkQuota'>
}

/** The API's own limit for a key. */
const MAX_CONCURRENCY = 10
const DEFAULT_BULK_SHARE = 0.8
/** The API itself ends a request within 10 s. */
const ATTEMPT_TIMEOUT_MS = 15_000

/** Makes the transport. Throws `invalid_argument` if an option is wrong. A request that waits for a retry keeps its place. */
export function createTransport(options: TransportOptions): Transport {
  const { concurrency = MAX_CONCURRENCY, bulkShare = DEFAULT_BULK_SHARE } = options
  const baseUrl = checkedUrl(options.baseUrl)
  const { credentials } = options
  const headers = { ...keyHeader(options), accept: 'application/json' }
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MAX_CONCURRENCY) {
    throw invalidArgument('options.concurrency', `must be a whole number from 1 to ${MAX_CONCURRENCY}`)
  }
  if (!(typeof bulkShare === 'number' && bulkShare > 0 && bulkShare <= 1)) {
    throw invalidArgument('options.bulkShare', 'must be a number above 0 and at most 1')
  }
  const fetch = checkedFetch(options.fetch)
  const gate = new RateGate(bulkShare)
  const place = pLimit(concurrency)
  const bulkPlace = pLimit(Math.min(concurrency, Math.max(1, Math.floor(MAX_CONCURRENCY * bulkShare))))

  async function attempt(url: string, pace: Pace): Promise<unknown> {
    const pass = await gate.enter(pace)
    let response: Response | undefined
    let refusedForSeconds: number | undefined
    try {
      const signal = AbortSignal.any([pace.signal, AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)])
      // A redirect elsewhere would take the key along.
      const init: RequestInit = { headers, redirect: 'manual', signal, ...(credentials && { credentials }) }
      const whole = await readWhole(() => fetch(url, init))
      response = whole.response
      return parse(response, whole.text)
    } catch (error) {
      if (error instanceof AnalyticsError && error.status === 429 && error.code === 'rate_limited') {
        refusedForSeconds = error.retryAfterSeconds
      }
      throw error
    } finally {
      gate.finish(pass, response, refusedForSeconds)
    }
  }

  return {
    gate,
    get(path, search, pace) {
      const url = `${baseUrl}${path}?${new URLSearchParams(search)}`
      const send = () => place(() => withRetries(() => attempt(url, pace), pace))
      return pace.isBulk ? bulkPlace(send) : send()
    },
  }
}

function checkedUrl(baseUrl: unknown): string {
  if (typeof baseUrl === 'string' && URL.canParse(baseUrl) && /^https?:$/.test(new URL(baseUrl).protocol)) {
    return baseUrl.replace(/\/+$/, '')
  }
  throw invalidArgument('options.baseUrl', 'must be an http(s) address such as https://analytics.example.com')
}

/** A session of the page stands for the key. */
function keyHeader({ apiKey, credentials }: TransportOptions): { 'x-api-key'?: string } {
  if (credentials !== undefined && credentials !== 'same-origin') {
    throw invalidArgument('options.credentials', 'must be same-origin')
  }
  return credentials && apiKey === undefined ? {} : { 'x-api-key': checkedKey(apiKey) }
}

/** Without this check, `fetch` would put a key with such characters into its error. */
function checkedKey(apiKey: unknown): string {
  if (apiKey === undefined || apiKey === null || apiKey === '') {
    throw invalidArgument('options.apiKey', 'is missing. Pass the API key of your organization')
  }
  if (typeof apiKey === 'string' && /^[!-~]+$/.test(apiKey)) return apiKey
  throw invalidArgument('options.apiKey', 'is not an API key. Pass the key exactly as you received it')
}

function checkedFetch(fetch: unknown): typeof globalThis.fetch {
  if (fetch === undefined) return (input, init) => globalThis.fetch(input, init)
  if (typeof fetch === 'function') return fetch as typeof globalThis.fetch
  throw invalidArgument('options.fetch', `must be a function, but is ${kindOf(fetch)}`)
}

/** Reads the body at once, so that a truncated one counts as a failed attempt. */
async function readWhole(send: () => Promise<Response>): Promise<{ response: Response; text: string }> {
  try {
    const response = await send()
    return { response, text: await response.text() }
  } catch (cause) {
    throw new AnalyticsError('The response was incomplete. Check the network and baseUrl.', {
      code: 'network_error',
      cause,
    })
  }
}

function parse(response: Response, text: string): unknown {
  const body = parseJson(text)
  if (response.status >= 400) throw apiError(response, body)
  if (response.ok && body !== undefined) return body
  throw new AnalyticsError(
    `The response with status ${response.status} is not JSON, so it does not come from the API. Check baseUrl.`,
    {
      code: 'unexpected_response',
      status: response.status,
      requestId: response.headers.get('x-request-id') ?? undefined,
    },
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
