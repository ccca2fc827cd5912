// The one form in which a domain is stored and asked for: lower-case ASCII, no scheme, port, path or leading "www.".
import { domainToASCII } from 'node:url'
import { parse } from 'tldts'
import { AdminError } from './admin-error.ts'

/** Takes what people paste, `https://www.Bücher.example/jobs` too. Throws AdminError for what is no domain of somebody. */
export function normalizeDomain(input: string): string {
  const pasted = input.trim()
  const refuse = (why: string): never => {
    const shown = pasted.length > 60 ? `${pasted.slice(0, 60)}…` : pasted
    throw new AdminError('usage', `${JSON.stringify(shown)} ${why}: give a name like example.com`)
  }
  if (/[\s@]/.test(pasted)) return refuse('is not a domain')
  const { hostname, isIp } = parse(pasted, { extractHostname: true, validateHostname: false })
  if (isIp) return refuse('is an address, not a domain')
  const ascii = domainToASCII(hostname ?? '')
    .replace(/\.$/, '')
    .replace(/^www\./, '')
  if (!/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/.test(ascii)) {
    return refuse('is not a domain')
  }
  if (parse(ascii).domain === null) return refuse('is a registry and belongs to nobody')
  return ascii
}
