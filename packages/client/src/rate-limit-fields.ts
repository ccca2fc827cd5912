// Reads the rate limit from a response's `RateLimit-Policy` and `RateLimit` fields (draft-ietf-httpapi-ratelimit-headers).

import { type Item, parseList } from 'structured-headers'

/** What a response says about the key's rate limit. */
export interface RateLimit {
  /** Requests allowed in a window. Undefined if there is no policy. */
  quota: number | undefined
  windowSeconds: number | undefined
  /** Requests left now. */
  remaining: number
  /** Seconds until there is room for more. Undefined if the response does not say. */
  resetSeconds: number | undefined
}

type Named = [name: string, parameters: Item[1]]

/**
 * The rate limit with the fewest requests left. Limits without a window, such as one on requests at once, are left out.
 * Undefined if there is none. The draft requires that a malformed field is ignored.
 */
export function rateLimitOf(headers: Headers): RateLimit | undefined {
  const policies = new Map(namedItems(headers.get('ratelimit-policy')))
  const limits = namedItems(headers.get('ratelimit')).flatMap(([name, parameters]): RateLimit[] => {
    const policy = policies.get(name)
    const remaining = wholeNumber(parameters.get('r'))
    const resetSeconds = wholeNumber(parameters.get('t'))
    const windowSeconds = wholeNumber(policy?.get('w'))
    if (remaining === undefined || (windowSeconds ?? resetSeconds) === undefined) return []
    if (![undefined, 'requests'].includes(policy?.get('qu') as string | undefined)) return []
    return [{ quota: wholeNumber(policy?.get('q')), windowSeconds, remaining, resetSeconds }]
  })
  return limits.sort((a, b) => a.remaining - b.remaining)[0]
}

/** The members of a list of strings with parameters. Empty if the field is missing or malformed. */
function namedItems(field: string | null): Named[] {
  if (field === null) return []
  try {
    return parseList(field).map(([name, parameters]): Named => {
      if (typeof name !== 'string') throw new TypeError('The member is not a string.')
      return [name, parameters]
    })
  } catch {
    return []
  }
}

function wholeNumber(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined
}
