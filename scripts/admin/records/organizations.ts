// Organizations in the database: find by id or domain, create, change, delete.
import * as z from 'zod/mini'
import { isTimeZone } from '../../../src/analytics/windows.ts'
import { AdminError } from '../admin-error.ts'
import type { Database } from '../database.ts'
import { brokenConstraint } from '../database-error.ts'
import { normalizeDomain, normalizeSiteName } from '../domain-name.ts'
import { createChallenge } from '../domain-proof.ts'

const DELETE_TIMEOUT_MS = 600_000

const organization = z.object({
  id: z.string(),
  name: z.string(),
  domain: z.nullable(z.string()),
  domainVerifiedAt: z.nullable(z.date()),
  siteName: z.nullable(z.string()),
  timeZone: z.string(),
  createdAt: z.date(),
})
/**
 * An organization. `domain` is in its stored form, and unverified when `domainVerifiedAt` is null. `siteName` is null if
 * the analytics store knows the site by the domain. `timeZone` is an IANA name.
 */
export type Organization = z.infer<typeof organization>

const overview = z.extend(organization, { jobs: z.int(), activeKeys: z.int() })
/** An organization with the number of its jobs and active keys. */
export type OrganizationOverview = z.infer<typeof overview>

const COLUMNS = `o.id, o.name, o.domain, o.domain_verified_at as "domainVerifiedAt", o.site_name as "siteName", o.time_zone as "timeZone",
  o.created_at as "createdAt"`

const OVERVIEW = `select ${COLUMNS},
  (select count(*)::int from jobs j where j.organization_id = o.id) as jobs,
  (select count(*)::int from api_keys k where k.organization_id = o.id
    and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())) as "activeKeys"
  from organizations o`

/** Creates an organization. Checks `name` and `timeZone`, and normalizes `domain`, which is unverified. Throws AdminError. */
export async function createOrganization(
  database: Database,
  given: { name: string; domain: string | undefined; siteName?: string | undefined; timeZone: string },
): Promise<Organization> {
  const name = checkName(given.name)
  const domain = given.domain === undefined ? null : normalizeDomain(given.domain)
  const siteName = given.siteName === undefined ? null : checkSiteName(given.siteName, domain)
  const timeZone = await checkTimeZone(database, given.timeZone)
  const text = `insert into organizations as o (name, domain, domain_challenge, site_name, time_zone)
    values ($1, $2, $3, nullif($4, $2), $5) returning ${COLUMNS}`
  const parameters = [name, domain, domain && createChallenge(), siteName, timeZone]
  const [created] = await database.rows(organization, text, parameters)
  return require(created, name)
}

/** Returns all organizations in the order of their ids. */
export function listOrganizations(database: Database): Promise<OrganizationOverview[]> {
  return database.rows(overview, `${OVERVIEW} order by o.id`)
}

/** Finds an organization by `reference`, an id or a domain. Throws AdminError when none or more than one matches. */
export async function findOrganization(database: Database, reference: string): Promise<Organization> {
  const isId = /^\d{1,18}$/.test(reference)
  const condition = isId ? 'o.id = $1' : 'o.domain = $1'
  const found = await database.rows(
    organization,
    `select ${COLUMNS} from organizations o where ${condition} order by o.id`,
    [isId ? reference : normalizeDomain(reference)],
  )
  if (found.length > 1) {
    const ids = found.map(({ id }) => id).join(', ')
    throw new AdminError(
      'usage',
      `${reference} is the domain of the organizations ${ids}: use the id of one of them`,
    )
  }
  return require(found[0], reference)
}

/** Finds an organization as `findOrganization` does, with the number of its jobs and active keys. */
export async function overviewOf(database: Database, reference: string): Promise<OrganizationOverview> {
  const { id } = await findOrganization(database, reference)
  const [found] = await database.rows(overview, `${OVERVIEW} where o.id = $1`, [id])
  return require(found, reference)
}

/** Changes the domain. A new domain is unverified and needs a proof of its own; the same one stays as it is. */
export async function setDomain(database: Database, id: string, domain: string): Promise<Organization> {
  const text = `update organizations as o set domain = $2,
    domain_verified_at = case when o.domain = $2 then o.domain_verified_at end,
    domain_challenge = case when o.domain = $2 then o.domain_challenge else $3 end,
    site_name = case when o.domain = $2 then o.site_name end
    where o.id = $1 returning ${COLUMNS}`
  const [changed] = await database.rows(organization, text, [id, normalizeDomain(domain), createChallenge()])
  return require(changed, id)
}

/**
 * Changes the name of the site in the analytics store. It must be a name of the organization's own domain, since its figures
 * are those of the site; the domain itself is stored as null. Throws AdminError.
 */
export async function setSiteName(
  database: Database,
  { id, domain }: Pick<Organization, 'id' | 'domain'>,
  given: string,
): Promise<Organization> {
  const text = `update organizations as o set site_name = nullif($2, o.domain)
    where o.id = $1 and o.domain = $3 returning ${COLUMNS}`
  const [changed] = await database.rows(organization, text, [id, checkSiteName(given, domain), domain])
  if (changed) return changed
  throw new AdminError('failed', 'The domain was changed meanwhile: run this again')
}

function checkSiteName(given: string, domain: string | null): string {
  if (domain !== null) return normalizeSiteName(given, domain)
  throw new AdminError('usage', 'A site name requires a domain: give the organization one first')
}

/** Changes the time zone, which must be one that the Worker and the database both have. Throws AdminError. */
export async function setTimeZone(database: Database, id: string, timeZone: string): Promise<Organization> {
  const text = `update organizations as o set time_zone = $2 where o.id = $1 returning ${COLUMNS}`
  const name = await checkTimeZone(database, timeZone)
  const [changed] = await database.rows(organization, text, [id, name])
  return require(changed, id)
}

/** Returns the token that DNS must show for the organization's domain; creates it if there is none yet. */
export async function challengeOf(database: Database, id: string): Promise<string> {
  const text = `update organizations set domain_challenge = coalesce(domain_challenge, $2)
    where id = $1 returning domain_challenge as challenge`
  const [found] = await database.rows(z.object({ challenge: z.string() }), text, [id, createChallenge()])
  return require(found, id).challenge
}

/** Marks the domain as verified. Throws AdminError when it was changed meanwhile or is another organization's. */
export async function markVerified(database: Database, id: string, domain: string): Promise<Organization> {
  const text = `update organizations as o set domain_verified_at = coalesce(o.domain_verified_at, now())
    where o.id = $1 and o.domain = $2 returning ${COLUMNS}`
  try {
    const [verified] = await database.rows(organization, text, [id, domain])
    if (verified) return verified
  } catch (error) {
    if (brokenConstraint(error) !== 'organizations_verified_domain') throw error
    throw new AdminError(
      'failed',
      `${domain} is verified for another organization already: find it with org list, and change its domain first`,
    )
  }
  throw new AdminError('failed', 'The domain was changed meanwhile: run this again')
}

/** Deletes an organization with its keys and jobs. Throws AdminError. */
export async function deleteOrganization(database: Database, id: string): Promise<void> {
  const text = 'delete from organizations where id = $1 returning id'
  const [deleted] = await database.rows(z.object({ id: z.string() }), text, [id], DELETE_TIMEOUT_MS)
  require(deleted, id)
}

/** Returns a name without spaces around it. Throws AdminError unless it has 1 to 200 characters and no control character. */
export function checkName(name: string): string {
  const trimmed = name.trim()
  if (trimmed.length > 0 && trimmed.length <= 200 && !/\p{Cc}/u.test(trimmed)) return trimmed
  throw new AdminError('usage', 'A name must have 1 to 200 characters and no line break: give another')
}

/** Returns the time zone as Postgres spells it. An offset such as +02:00 is refused, because Postgres reads it with the other sign. */
async function checkTimeZone(database: Database, given: string): Promise<string> {
  const name = given.trim()
  const text = `select name, (now() at time zone name)::text as "localTime" from pg_timezone_names
    where lower(name) = lower($1) limit 1`
  const row = z.object({ name: z.string(), localTime: z.string() })
  const [found] = /^[a-z]/i.test(name) && isTimeZone(name) ? await database.rows(row, text, [name]) : []
  if (found !== undefined) return found.name
  throw new AdminError(
    'usage',
    `${JSON.stringify(name.slice(0, 60))} is not a time zone: give a name of the IANA database, such as Europe/Berlin or UTC`,
  )
}

function require<T>(found: T | undefined, reference: string): T {
  if (found !== undefined) return found
  throw new AdminError('not_found', `There is no organization ${reference}: see npm run admin -- org list`)
}
