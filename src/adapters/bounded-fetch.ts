// Talks to a store over HTTP without ever holding more of its answer than is right, whatever it sends.

import { FaultError } from '../domain/fault.ts'

const BODILESS_STATUSES = new Set([204, 205, 304])

/**
 * `fetch` for a store: one attempt, no redirect (a secret in a header must not follow one), and the body read whole,
 * at most `maxBytes` of it. Throws `FaultError` `too_large`, or what `fetch` throws.
 */
export async function boundedFetch(url: string, init: RequestInit, maxBytes: number): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: 'manual' })
  const text = await readText(response, maxBytes)
  const body = BODILESS_STATUSES.has(response.status) ? null : text
  return new Response(body, { status: response.status, headers: response.headers })
}

/** Reads a body as text; cancels it and throws `FaultError` once it is longer than `maxBytes`. */
export async function readText(response: Response, maxBytes: number): Promise<string> {
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
