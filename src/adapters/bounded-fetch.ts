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
  const text = await readText(response, maxBytes)
  return { status: response.status, ok: response.ok, text }
}

/** Reads a body as text; cancels it and throws `FaultError` once it is longer than `maxBytes`. */
async function readText(response: Response, maxBytes: number): Promise<string> {
  const announced = response.headers.get('content-length')
  if (announced !== null && Number(announced) <= maxBytes) return response.text()
  const { body } = response
  if (body === null) return ''
  if (announced !== null) {
    await body.cancel()
    throw new FaultError('too_large')
  }
  return readChunks(body, maxBytes)
}

async function readChunks(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<string> {
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
