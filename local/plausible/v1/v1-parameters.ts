// The query string of the statistics API v1, as far as all endpoints share it.
import { unsupported } from '../plausible-refusal.ts'

/** Parameters by name; each was given once. */
export type V1Parameters = Readonly<Record<string, string>>

const SHARED = ['site_id', 'period', 'date', 'metrics', 'filters', 'with_imported']

/**
 * Reads the query string; `own` are the parameters of one endpoint. Plausible ignores a parameter that it does not
 * have, and takes the last of a repeated one. The stand-in refuses both, because a misspelt filter would pass unnoticed.
 * Throws a `PlausibleRefusal` (400).
 */
export function readV1Parameters(query: URLSearchParams, own: readonly string[]): V1Parameters {
  const parameters: Record<string, string> = {}
  for (const [name, value] of query) {
    if (![...SHARED, ...own].includes(name)) throw unsupported(`the parameter ${name} here`)
    if (Object.hasOwn(parameters, name)) throw unsupported(`a repeated parameter (${name})`)
    parameters[name] = value
  }
  if (parameters['with_imported'] === 'true') throw unsupported('imported statistics (with_imported=true)')
  return parameters
}
