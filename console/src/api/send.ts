// Sends the requests that the typed client does not have: the session, keys, usage, and CSV files.

import { AnalyticsError } from 'job-analytics-client'
import { apiError } from '../../../packages/client/src/api-error.ts'

/** How a request differs from a plain GET. */
export interface SendOptions {
  method?: 'GET' | 'POST' | 'DELETE'
  /** Sent as JSON. */
  body?: unknown
  /** What the response has to be. */
  accept?: 'application/json' | 'text/csv'
  signal?: AbortSignal | undefined
}

/** A response of status 200 to 299. Rejects with `AnalyticsError`, also when no response arrived. */
export async function send(path: string, options: SendOptions = {}): Promise<Response> {
  const { method = 'GET', body, accept = 'application/json', signal } = options
  const headers = { accept, ...(body !== undefined && { 'content-type': 'application/json' }) }
  const init: RequestInit = {
    method,
    headers,
    credentials: 'same-origin',
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  }
  const response = await fetch(path, init).catch((cause: unknown) => {
    if (signal?.aborted) throw cause
    const message = 'No response arrived. Check your connection, then try again.'
    throw new AnalyticsError(message, { code: 'network_error', cause })
  })
  if (response.ok) return response
  throw apiError(response, await response.json().catch(() => undefined))
}

/** The JSON of a response. Its shape is the API's contract, which is tested where it is built. */
export async function sendForJson<Value>(path: string, options: SendOptions = {}): Promise<Value> {
  const response = await send(path, options)
  return (await response.json()) as Value
}
