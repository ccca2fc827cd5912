// The proof that an organization has a domain's DNS in its hands: a TXT record only its owner can set.
import { randomBytes } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { AdminError } from './admin-error.ts'

const LABEL = '_job-analytics'
const LOOKUP_TIMEOUT_MS = 5_000

export interface TxtRecord {
  type: 'TXT'
  name: string
  value: string
}

/** A new secretless token: it only has to differ between organizations, domains and installations. */
export function createChallenge(): string {
  return randomBytes(20).toString('hex')
}

/** The record that proves the domain. */
export function recordFor(domain: string, challenge: string): TxtRecord {
  return { type: 'TXT', name: `${LABEL}.${domain}`, value: `job-analytics-verification=${challenge}` }
}

/**
 * Whether DNS shows the record. `server` (`ip` or `ip:port`) is asked instead of the system's resolvers.
 * Throws AdminError when DNS gives no answer at all.
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
      `DNS gives no answer (${code}): try again, or ask another with --dns-server`,
    )
  }
}

function checkServer(server: string): string {
  const [, address = '', port] = /^\[?([^\]]+?)\]?(?::(\d{1,5}))?$/.exec(server) ?? []
  if (isIP(server) || (isIP(address) && (port === undefined || Number(port) <= 65_535))) return server
  throw new AdminError('usage', '--dns-server takes an IP address, with :port if need be, such as 1.1.1.1')
}
