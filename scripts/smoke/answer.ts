// One request of the smoke test and its answer, read whole.
import * as z from 'zod/mini'

const TIMEOUT_MS = 15_000

export interface Answer {
  status: number
  headers: Headers
  text: string
  /** The body as JSON. Throws when it is none. */
  json(): unknown
  /** ` (code)` of the API's own error, to be read after a status; empty for any other body. */
  failureCode(): string
}

const anyFailure = z.object({ error: z.object({ code: z.string() }) })

/** Follows no redirect, as a key must not. Rejects with one line when there is no answer. */
export async function send(url: string, init: RequestInit = {}): Promise<Answer> {
  const { response, text } = await fetchWhole(url, init)
  const json = () => {
    try {
      return JSON.parse(text)
    } catch {
      throw new Error('the body is not JSON: is this the address of the API?')
    }
  }
  return {
    status: response.status,
    headers: response.headers,
    text,
    json,
    failureCode() {
      if (!response.headers.get('content-type')?.startsWith('application/json')) return ''
      const body = anyFailure.safeParse(json())
      return body.success ? ` (${body.data.error.code})` : ''
    },
  }
}

async function fetchWhole(url: string, init: RequestInit): Promise<{ response: Response; text: string }> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const response = await fetch(url, { ...init, redirect: 'manual', signal })
    return { response, text: await response.text() }
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    const why = isLate ? `no answer in ${TIMEOUT_MS / 1_000} s` : 'it cannot be reached'
    throw new Error(`${why}: check the address, and that the API runs`)
  }
}

/** Throws the message when what must be true is not. */
export function expectThat(condition: boolean, message: string): void {
  if (!condition) throw new Error(message)
}
