// Talks to a store over HTTP without ever holding more of its answer than is right, whatever it sends.

import { FaultError } from '../domain/fault.ts'

/** What is used of an answer, its body read; a `Response` of its own would cost more than reading it did. */
export interface BoundedAnswer {
  status: number
  /** Whether the status is one of success. */
  ok: boolean
  text: string
}

/**
 * `fetch` for a store: one attempt, no redirect (a secret in a header must not follow one), and the body read whole,
 * at most `maxBytes` of it. Throws `FaultError` `too_large`, or what `fetch` throws.
 */
export async function boundedFetch(url: string, init: RequestInit, maxBytes: number): Promise<BoundedAnswer> {
  const response = await fetch(url, { ...init, redirect: 'manual' })
  const { status } = response
  const length = response.headers.get('content-length')
  if (length !== null && Number(length) > maxBytes) {
    await response.body?.cancel()
    throw new FaultError('too_large')
  }
  // An announced length holds, so such a body can be read at once.
  const text = await (length === null ? readChunks(response, maxBytes) : response.text())
  return { status, ok: status >= 200 && status < 300, text }
}

/** Reads a body as text; cancels it and throws `FaultError` once it is longer than `maxBytes`. */
async function readChunks({ body }: Response, maxBytes: number): Promise<string> {
  if (body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  // Leaving the loop early cancels the stream and frees its connection.
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw new FaultError('too_large')
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
