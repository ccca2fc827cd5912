// The sites the stand-in knows, with the time zone their days are counted in.
import type { DatabaseSync } from 'node:sqlite'

/** `timezone` is an IANA name; a locked site answers no query. */
export type Site = {
  readonly id: number
  readonly domain: string
  readonly timezone: string
  readonly locked: boolean
}

/** Looks sites up and keeps them. */
export type VisitSites = {
  find(domain: string): Site | undefined
  /** Creates the site or changes what it is; answers its id. */
  put(site: Omit<Site, 'id'>): number
  /** The site's id; an unknown domain becomes a site in UTC. */
  idOf(domain: string): number
}

/** Keeps the sites in the table `sites`. */
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
