// The organizations of a simulation, and the right figures of their jobs.

import { createApiKeys, jobIds } from '../scenario.ts'

/** An organization with jobs and keys of its own. */
export interface SimulatedOrganization {
  id: string
  site: string
  apiKeys: readonly string[]
  jobs: readonly string[]
}

/** A number of organizations. The first one's number is `first`. */
export async function createOrganizations(
  count: number,
  { first = 1, keys = 1, jobs }: { first?: number; keys?: number; jobs: number },
): Promise<SimulatedOrganization[]> {
  const apiKeys = await createApiKeys(count * keys)
  return Array.from({ length: count }, (_, index) => ({
    id: String(first + index),
    site: `jobs-${first + index}.example`,
    apiKeys: apiKeys.slice(index * keys, (index + 1) * keys),
    jobs: jobIds(jobs).map((id) => id.replace('-5a1b-', `-${String(first + index).padStart(4, '0')}-`)),
  }))
}

/** A figure that is different for each site, page and window. */
export function visitorsOf(site: string, path: string, [from, to]: readonly [string, string]): number {
  let hash = 7
  for (const character of site + path + from + to) {
    hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) >>> 0
  }
  return 1 + (hash % 1_000_000)
}
