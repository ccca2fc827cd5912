// One question of the client to the API: a GET with the key, its answer read whole, what went wrong said in one way.

import { AnalyticsError } from './analytics-error.ts'
import { apiError } from './api-error.ts'
import { type Patience, withRetries } from './retry.ts'

/** Where the API is and who asks. */
export interface TransportOptions {
  baseUrl: string
  apiKey: string
  fetch: typeof fetch
}

export type Transport = (path: string, search: Record<string, string>, patience: Patience) => Promise<unknown>

/** The API itself ends a request within 10 s. */
const ATTEMPT_TIMEOUT_MS = 15_000

/**
 * Makes the function that asks and returns the parsed JSON of a 200, with the retries of `withRetries`. It rejects with
 * `AnalyticsError`, or with the signal's reason.
 */
export function createTransport({ baseUrl, apiKey, fetch }: TransportOptions): Transport {
  const headers = { 'x-api-key': apiKey, accept: 'application/json' }
  return function get(path, search, patience) {
    const url = `${baseUrl}${path}?${new URLSearchParams(search)}`
    return withRetries(async () => {
      const signal = AbortSignal.any([patience.signal, AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)])
      // A redirect elsewhere would take the key along.
      const { response, text } = await readWhole(() => fetch(url, { headers, redirect: 'manual', signal }))
      return parse(response, text)
    }, patience)
  }
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
