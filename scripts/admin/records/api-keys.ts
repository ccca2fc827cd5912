// API keys in the database: their hash, hint and life; the key itself passes through here once and is not kept.
import * as z from 'zod/mini'
import { createApiKey, hashApiKey, hintOfApiKey, importApiKeySecret } from '../../../src/domain/api-key.ts'
import { AdminError } from '../admin-error.ts'
import type { Database } from '../database.ts'
import { checkName } from './organizations.ts'

const apiKey = z.object({
  id: z.string(),
  organizationId: z.string(),
  name: z.string(),
  hint: z.string(),
  /** `rotated`: it has a successor and lives until `expiresAt`. */
  state: z.enum(['active', 'rotated', 'expired', 'revoked']),
  createdAt: z.date(),
  lastUsedAt: z.nullable(z.date()),
  expiresAt: z.nullable(z.date()),
  revokedAt: z.nullable(z.date()),
})
export type ApiKey = z.infer<typeof apiKey>

/** A key that was just made: `secret` is the key itself, to be shown once. */
export interface IssuedKey {
  key: ApiKey
  secret: string
}

const COLUMNS = `k.id, k.organization_id as "organizationId", k.name, k.hint,
  case when k.revoked_at is not null then 'revoked' when k.expires_at <= now() then 'expired'
    when k.rotated_at is not null then 'rotated' else 'active' end as state,
  k.created_at as "createdAt", k.last_used_at as "lastUsedAt", k.expires_at as "expiresAt", k.revoked_at as "revokedAt"`

/** `apiKeySecret` is the Worker's API_KEY_SECRET; with another one the key will not be accepted. */
export async function issueKey(
  database: Database,
  apiKeySecret: string,
  given: { organizationId: string; name: string; expiresAt: Date | undefined },
): Promise<IssuedKey> {
  const name = checkName(given.name)
  const { secret, hash, hint } = await makeSecret(apiKeySecret)
  const text = `insert into api_keys as k (organization_id, name, hash, hint, expires_at)
    values ($1, $2, decode($3, 'hex'), $4, $5) returning ${COLUMNS}`
  const parameters = [given.organizationId, name, hash, hint, given.expiresAt?.toISOString() ?? null]
  const [key] = await database.rows(apiKey, text, parameters)
  return { key: require(key, name), secret }
}

/** The newest first; of one organization, or of all. */
export function listKeys(database: Database, organizationId: string | undefined): Promise<ApiKey[]> {
  const text = `select ${COLUMNS} from api_keys k where $1::bigint is null or k.organization_id = $1
    order by k.created_at desc, k.id`
  return database.rows(apiKey, text, [organizationId ?? null])
}

export async function findKey(database: Database, id: string): Promise<ApiKey> {
  const text = `select ${COLUMNS} from api_keys k where k.id = $1`
  const [key] = await database.rows(apiKey, text, [checkId(id)])
  return require(key, id)
}

/** Refused from the next request on; revoking it again changes nothing. */
export async function revokeKey(database: Database, id: string): Promise<ApiKey> {
  const text = `update api_keys as k set revoked_at = coalesce(k.revoked_at, now()) where k.id = $1 returning ${COLUMNS}`
  const [key] = await database.rows(apiKey, text, [checkId(id)])
  return require(key, id)
}

/**
 * Issues a successor with the same name, and ends the old key after the grace, in one statement. Unless `expiresAt` is given the
 * successor lives as long as the old key was meant to.
 * @returns undefined when the key is not active any more
 */
export async function rotateKey(
  database: Database,
  apiKeySecret: string,
  given: { id: string; graceSeconds: number; expiresAt: Date | undefined },
): Promise<(IssuedKey & { old: ApiKey }) | undefined> {
  const { secret, hash, hint } = await makeSecret(apiKeySecret)
  const text = `with old as (
      select * from api_keys where id = $1 and revoked_at is null and rotated_at is null
        and (expires_at is null or expires_at > now()) for no key update
    ), successor as (
      insert into api_keys (organization_id, name, hash, hint, expires_at)
      select organization_id, name, decode($2, 'hex'), $3, coalesce($4::timestamptz, now() + (expires_at - created_at))
      from old returning *
    ), ended as (
      update api_keys k set rotated_at = now(),
        expires_at = least(coalesce(k.expires_at, 'infinity'), now() + $5::int * interval '1 second')
      from old where k.id = old.id returning k.*
    )
    select ${COLUMNS}, true as "isNew" from successor k union all select ${COLUMNS}, false from ended k`
  const parameters = [
    checkId(given.id),
    hash,
    hint,
    given.expiresAt?.toISOString() ?? null,
    given.graceSeconds,
  ]
  const rows = await database.rows(z.extend(apiKey, { isNew: z.boolean() }), text, parameters)
  const [key] = rows.filter(({ isNew }) => isNew)
  const [old] = rows.filter(({ isNew }) => !isNew)
  return key && old && { key: apiKey.parse(key), old: apiKey.parse(old), secret }
}

async function makeSecret(apiKeySecret: string): Promise<{ secret: string; hash: string; hint: string }> {
  const secret = await createApiKey(await importApiKeySecret(apiKeySecret))
  return { secret, hash: await hashApiKey(secret), hint: hintOfApiKey(secret) }
}

/** What is given may be a key pasted by mistake, so it is not repeated. */
function checkId(id: string): string {
  if (z.guid().safeParse(id).success) return id
  throw new AdminError('usage', 'A key is named by its id, a UUID: see npm run admin -- key list')
}

function require(key: ApiKey | undefined, id: string): ApiKey {
  if (key !== undefined) return key
  throw new AdminError('not_found', `There is no key ${id}: see npm run admin -- key list`)
}
