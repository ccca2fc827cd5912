// Organizations in the database: found by id or domain, created, changed, deleted.
import * as z from 'zod/mini'
import { AdminError } from '../admin-error.ts'
import type { Database } from '../database.ts'
import { brokenConstraint } from '../database-error.ts'
import { normalizeDomain } from '../domain-name.ts'
import { createChallenge } from '../domain-proof.ts'

const DELETE_TIMEOUT_MS = 600_000

const organization = z.object({
  id: z.string(),
  name: z.string(),
  domain: z.nullable(z.string()),
  domainVerifiedAt: z.nullable(z.date()),
  createdAt: z.date(),
})
export type Organization = z.infer<typeof organization>

const overview = z.extend(organization, { jobs: z.int(), activeKeys: z.int() })
export type OrganizationOverview = z.infer<typeof overview>

const COLUMNS = `o.id, o.name, o.domain, o.domain_verified_at as "domainVerifiedAt", o.created_at as "createdAt"`

const OVERVIEW = `select ${COLUMNS},
  (select count(*)::int from jobs j where j.organization_id = o.id) as jobs,
  (select count(*)::int from api_keys k where k.organization_id = o.id
    and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())) as "activeKeys"
  from organizations o`

/** `name` is checked; `domain` is normalized, and unverified. */
export async function createOrganization(
  database: Database,
  given: { name: string; domain: string | undefined },
): Promise<Organization> {
  const name = checkName(given.name)
  const domain = given.domain === undefined ? null : normalizeDomain(given.domain)
  const text = `insert into organizations as o (name, domain, domain_challenge) values ($1, $2, $3) returning ${COLUMNS}`
  const [created] = await database.rows(organization, text, [name, domain, domain && createChallenge()])
  return require(created, name)
}

export function listOrganizations(database: Database): Promise<OrganizationOverview[]> {
  return database.rows(overview, `${OVERVIEW} order by o.id`)
}

/** `reference` is an id or a domain. Throws AdminError when none, or more than one, is meant. */
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
    throw new AdminError('usage', `${reference} is claimed by the organizations ${ids}: name one by its id`)
  }
  return require(found[0], reference)
}

export async function overviewOf(database: Database, reference: string): Promise<OrganizationOverview> {
  const { id } = await findOrganization(database, reference)
  const [found] = await database.rows(overview, `${OVERVIEW} where o.id = $1`, [id])
  return require(found, reference)
}

/** Another domain counts as unverified, and needs a proof of its own; the same one stays as it is. */
export async function setDomain(database: Database, id: string, domain: string): Promise<Organization> {
  const text = `update organizations as o set domain = $2,
    domain_verified_at = case when o.domain = $2 then o.domain_verified_at end,
    domain_challenge = case when o.domain = $2 then o.domain_challenge else $3 end
    where o.id = $1 returning ${COLUMNS}`
  const [changed] = await database.rows(organization, text, [id, normalizeDomain(domain), createChallenge()])
  return require(changed, id)
}

/** What the DNS of the organization's domain has to show; made now where the domain came without one. */
export async function challengeOf(database: Database, id: string): Promise<string> {
  const text = `update organizations set domain_challenge = coalesce(domain_challenge, $2)
    where id = $1 returning domain_challenge as challenge`
  const [found] = await database.rows(z.object({ challenge: z.string() }), text, [id, createChallenge()])
  return require(found, id).challenge
}

/** Throws AdminError when the domain was changed meanwhile, or is another organization's. */
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

/** Its keys and jobs go with it. */
export async function deleteOrganization(database: Database, id: string): Promise<void> {
  const text = 'delete from organizations where id = $1 returning id'
  const [deleted] = await database.rows(z.object({ id: z.string() }), text, [id], DELETE_TIMEOUT_MS)
  require(deleted, id)
}

/** A name of a person's choice: 1 to 200 characters, none of which steers a terminal. */
export function checkName(name: string): string {
  const trimmed = name.trim()
  if (trimmed.length > 0 && trimmed.length <= 200 && !/\p{Cc}/u.test(trimmed)) return trimmed
  throw new AdminError('usage', 'A name has 1 to 200 characters and no line break: give another')
}

function require<T>(found: T | undefined, reference: string): T {
  if (found !== undefined) return found
  throw new AdminError('not_found', `There is no organization ${reference}: see npm run admin -- org list`)
}
