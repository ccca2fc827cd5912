// Sends HTTP requests to a store and reads a limited number of bytes of the response.

import { StoreError } from './store-error.ts'

/** A response whose body is read. */
export interface TextResponse {
  status: number
  headers: Headers
  text: string
}

/**
 * `fetch` with one attempt and no redirects, since a secret in a header must not follow one. Reads the whole body, at
 * most `maxBytes` after decompression. Throws `StoreError` `too_large`, or what `fetch` throws.
 */
export async function boundedFetch(url: string, init: RequestInit, maxBytes: number): Promise<TextResponse> {
  const { status, headers, body } = await fetch(url, { ...init, redirect: 'manual' })
  return { status, headers, text: body === null ? '' : await readText(body, maxBytes) }
}

async function readText(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let text = ''
  let bytes = 0
  while (true) {
    const { value, done } = await reader.read()
    if (done) return text + decoder.decode()
    bytes += value.byteLength
    if (bytes > maxBytes) {
      // Frees the connection. If that fails, the body is too large all the same.
      await reader.cancel().catch(() => {})
      throw new StoreError('too_large')
    }
    text += decoder.decode(value, { stream: true })
  }
}
