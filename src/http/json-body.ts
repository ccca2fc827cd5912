// Reads the JSON body of a request.

import { ApiError } from './errors.ts'

/** Characters of the longest body that is parsed. */
const MAX_LENGTH = 10_000

/** The JSON object in the body; an empty one without a body. Throws `ApiError` `invalid_request`. */
export async function readJsonBody(request: Request): Promise<object> {
  const text = await request.text()
  if (text === '') return {}
  try {
    const body: unknown = text.length > MAX_LENGTH ? undefined : JSON.parse(text)
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  const message = `Must be a JSON object of at most ${MAX_LENGTH} characters.`
  throw new ApiError('invalid_request', { details: [{ parameter: 'body', message }] })
}
