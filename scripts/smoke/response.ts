// One request of the smoke test and its response, read to the end.
import * as z from 'zod/mini'

const TIMEOUT_MS = 15_000

/** A response with its body. */
export interface SmokeResponse {
  status: number
  headers: Headers
  text: string
  /** Returns the body as JSON. Throws when it is not JSON. */
  json(): unknown
  /** Returns ` (code)` of the API's own error, read after a status; empty for any other body. */
  failureCode(): string
}

/** No response came. The message is one line that says what to check. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
}

const anyFailure = z.object({ error: z.object({ code: z.string() }) })

/** Sends a request. Follows no redirect, because the key must not go elsewhere. Throws UnreachableError. */
export async function send(url: string, init: RequestInit = {}): Promise<SmokeResponse> {
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
    const why = isLate ? `no response within ${TIMEOUT_MS / 1_000} s` : 'it cannot be reached'
    throw new UnreachableError(`${why}: check the address and that the API is running`)
  }
}

/** Throws an error with this message unless the condition holds. */
export function expectThat(condition: boolean, message: string): void {
  if (!condition) throw new Error(message)
}
