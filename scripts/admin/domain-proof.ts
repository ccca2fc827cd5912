// The proof that an organization controls a domain: a TXT record that only the domain's owner can set.
import { randomBytes } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { AdminError } from './admin-error.ts'

const LABEL = '_job-analytics'
const LOOKUP_TIMEOUT_MS = 5_000

/** A DNS record that the owner of a domain sets. */
export interface TxtRecord {
  type: 'TXT'
  name: string
  value: string
}

/** Returns a new token. It is not a secret; it only has to differ between organizations, domains and installations. */
export function createChallenge(): string {
  return randomBytes(20).toString('hex')
}

/** Returns the record that proves the domain. */
export function recordFor(domain: string, challenge: string): TxtRecord {
  return { type: 'TXT', name: `${LABEL}.${domain}`, value: `job-analytics-verification=${challenge}` }
}

/**
 * Returns whether DNS shows the record. Queries `server` (`ip` or `ip:port`) instead of the system's resolvers if it is
 * given. Throws AdminError when DNS does not respond.
 */
export async function isPublished(record: TxtRecord, server?: string): Promise<boolean> {
  const resolver = new Resolver({ timeout: LOOKUP_TIMEOUT_MS, tries: 2 })
  if (server !== undefined) resolver.setServers([checkServer(server)])
  try {
    const values = await resolver.resolveTxt(record.name)
    return values.some((parts) => parts.join('') === record.value)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ENOTFOUND' || code === 'ENODATA') return false
    throw new AdminError(
      'unavailable',
      `DNS does not respond (${code}): try again, or use another server with --dns-server`,
    )
  }
}

function checkServer(server: string): string {
  const [, address = '', port] = /^\[?([^\]]+?)\]?(?::(\d{1,5}))?$/.exec(server) ?? []
  if (isIP(server) || (isIP(address) && (port === undefined || Number(port) <= 65_535))) return server
  throw new AdminError('usage', '--dns-server must be an IP address, optionally with :port, such as 1.1.1.1')
}
