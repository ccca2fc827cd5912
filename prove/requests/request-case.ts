// One generated request: everything about it follows from the seed and its number, so it can be sent again.

/** Which part of a request is unusual. */
export const CASE_KINDS = ['parameters', 'headers', 'methods', 'paths', 'sockets'] as const
/** Which part of a request is unusual. */
export type CaseKind = (typeof CASE_KINDS)[number]

/** Which key a request presents. Only `own` is to be accepted. */
export type KeyKind = 'own' | 'revoked' | 'expired' | 'forged' | 'malformed' | 'none'

/** A request, without the secrets of a run. */
export interface RequestCase {
  number: number
  kind: CaseKind
  /** The index of the organization that sends it. */
  tenant: number
  keyKind: KeyKind
  /** The index of the key among those of the organization, and of the Worker; both modulo how many there are. */
  key: number
  worker: number
  method: string
  /** The path and the query string, as they are sent. */
  target: string
  /** Without the key. */
  headers: Readonly<Record<string, string>>
  /** For `sockets`: the bytes to send, as Latin-1, with `{{key}}` where the key belongs. */
  raw?: string
}

const PATHS = ['/analytics/jobs', '/analytics/site', '/jobs', '/usage', '/health', '/ready']

/**
 * The endpoint that a target leads to; undefined for none. The router decodes escapes and takes one slash at the end. Nothing
 * resolves dots or double slashes.
 */
export function endpointOf(target: string): string | undefined {
  const path = target.split(/[?#]/, 1)[0] ?? ''
  const decoded = decodeEscapes(path)
  return PATHS.find((known) => decoded === known || decoded === `${known}/`)
}

function decodeEscapes(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

/** The command that sends one case again, over a stack of its own. */
export function commandOf(seed: string, number: number): string {
  return `npm run prove -- --seed ${seed} --case ${number}`
}

/** The same request for a person to paste; `$KEY` stands for the key. */
export function curlOf(url: string, { method, target, headers, keyKind }: RequestCase): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
  const fields = Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`)
  return [
    'curl -i',
    ...(method === 'GET' ? [] : method === 'HEAD' ? ['--head'] : ['-X', method]),
    ...(keyKind === 'none' ? [] : ['-H "x-api-key: $KEY"']),
    ...fields,
    quote(url + target),
  ].join(' ')
}
