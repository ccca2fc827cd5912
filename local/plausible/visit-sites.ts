// The stand-in's sites, with the time zone in which their days are counted.
import type { DatabaseSync } from 'node:sqlite'

/** `timezone` is an IANA name; queries about a locked site are refused. */
export type Site = {
  readonly id: number
  readonly domain: string
  readonly timezone: string
  readonly locked: boolean
}

/** Finds and stores sites. */
export type VisitSites = {
  find(domain: string): Site | undefined
  /** Creates or changes the site and returns its id. */
  put(site: Omit<Site, 'id'>): number
  /** Returns the site's id; creates a site in UTC for a new domain. */
  idOf(domain: string): number
}

/** Stores the sites in the table `sites`. */
export function createVisitSites(db: DatabaseSync): VisitSites {
  const select = db.prepare('select id, domain, timezone, locked from sites where domain = ?')
  const upsert = db.prepare(
    `insert into sites (domain, timezone, locked) values (?, ?, ?)
     on conflict (domain) do update set timezone = excluded.timezone, locked = excluded.locked returning id`,
  )
  const put = ({ domain, timezone, locked }: Omit<Site, 'id'>): number =>
    Number(upsert.get(domain, timezone === 'Etc/UTC' ? 'UTC' : timezone, locked ? 1 : 0)?.['id'])
  return {
    find(domain) {
      const row = select.get(domain)
      if (row === undefined) return undefined
      return {
        id: Number(row['id']),
        domain: String(row['domain']),
        timezone: String(row['timezone']),
        locked: row['locked'] === 1,
      }
    },
    put,
    idOf(domain) {
      return Number(select.get(domain)?.['id'] ?? put({ domain, timezone: 'UTC', locked: false }))
    },
  }
}
