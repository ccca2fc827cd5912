// The forms in which domains and names of sites are stored. A domain is lower-case ASCII: no scheme, port, path or leading "www.".
import { domainToASCII } from 'node:url'
import { parse } from 'tldts'
import { AdminError } from './admin-error.ts'

/**
 * Returns the stored form of what people paste, such as `https://www.Bücher.example:8443/`. Throws AdminError for an
 * address, a registry such as co.uk, and a domain with a path, because sites are told apart by their domain only.
 */
export function normalizeDomain(input: string): string {
  const pasted = input.trim()
  const refuse = (why: string): never => {
    const shown = pasted.length > 60 ? `${pasted.slice(0, 60)}…` : pasted
    throw new AdminError('usage', `${JSON.stringify(shown)} ${why}: give a name like example.com`)
  }
  if (/[\s@]/.test(pasted)) return refuse('is not a domain')
  const [, afterHost = ''] = /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/)?[^/?#]*(.*)$/i.exec(pasted) ?? []
  if (afterHost !== '' && afterHost !== '/')
    return refuse('has a path, which a site name may have (org set-site-name) but a domain may not')
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

/**
 * Returns the name of a site in the analytics store as it is stored: in lower case but for its path. It may be the domain in
 * Unicode letters, and have a path. Throws AdminError unless its host is `domain`.
 */
export function normalizeSiteName(input: string, domain: string): string {
  const name = input.trim().normalize('NFC')
  const [, host = '', path = ''] = /^([^/?#@\s:]+)(\/[^?#@\s]*)?$/.exec(name) ?? []
  const shown = JSON.stringify(name.slice(0, 60))
  if (host === '' || name.length > 300) {
    throw new AdminError(
      'usage',
      `${shown} is not the name of a site: give one like ${domain} or ${domain}/jobs`,
    )
  }
  if (normalizeDomain(host) !== domain) {
    throw new AdminError('usage', `${shown} is not a site of ${domain}: give a name of that domain`)
  }
  return host.toLowerCase() + path.replace(/\/$/, '')
}
