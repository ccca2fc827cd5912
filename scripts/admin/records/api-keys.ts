// API keys in the database: their hash, hint and lifetime. The key itself is returned once and not stored.
import * as z from 'zod/mini'
import { createApiKey, hashApiKey, hintOfApiKey, importApiKeySecret } from '../../../src/keys/api-key.ts'
import { AdminError } from '../admin-error.ts'
import type { Database } from '../database.ts'
import { checkName } from './organizations.ts'

const apiKey = z.object({
  id: z.string(),
  organizationId: z.string(),
  name: z.string(),
  hint: z.string(),
  /** `rotated`: it has a successor and is valid until `expiresAt`. */
  state: z.enum(['active', 'rotated', 'expired', 'revoked']),
  createdAt: z.date(),
  lastUsedAt: z.nullable(z.date()),
  expiresAt: z.nullable(z.date()),
  revokedAt: z.nullable(z.date()),
})
/** A key as it is stored, without the key itself. */
export type ApiKey = z.infer<typeof apiKey>

/** A new key: `secret` is the key itself, to be shown once. */
export interface IssuedKey {
  key: ApiKey
  secret: string
}

const COLUMNS = `k.id, k.organization_id as "organizationId", k.name, k.hint,
  case when k.revoked_at is not null then 'revoked' when k.expires_at <= now() then 'expired'
    when k.rotated_at is not null then 'rotated' else 'active' end as state,
  k.created_at as "createdAt", k.last_used_at as "lastUsedAt", k.expires_at as "expiresAt", k.revoked_at as "revokedAt"`

/** Creates a key. `apiKeySecret` must be the Worker's API_KEY_SECRET, or the Worker will refuse the key. */
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

/** Returns the keys of one organization, or of all, newest first. */
export function listKeys(database: Database, organizationId: string | undefined): Promise<ApiKey[]> {
  const text = `select ${COLUMNS} from api_keys k where $1::bigint is null or k.organization_id = $1
    order by k.created_at desc, k.id`
  return database.rows(apiKey, text, [organizationId ?? null])
}

/** Finds a key by its id. Throws AdminError. */
export async function findKey(database: Database, id: string): Promise<ApiKey> {
  const text = `select ${COLUMNS} from api_keys k where k.id = $1`
  const [key] = await database.rows(apiKey, text, [checkId(id)])
  return require(key, id)
}

/** Revokes a key: the Worker refuses its next request. Revoking it again changes nothing. Throws AdminError. */
export async function revokeKey(database: Database, id: string): Promise<ApiKey> {
  const text = `update api_keys as k set revoked_at = coalesce(k.revoked_at, now()) where k.id = $1 returning ${COLUMNS}`
  const [key] = await database.rows(apiKey, text, [checkId(id)])
  return require(key, id)
}

/**
 * Creates a successor with the same name and lets the old key expire after the grace period, in one statement. Without
 * `expiresAt` the successor has the lifetime that the old key was created with.
 * @returns undefined when the key is no longer active
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

/** The text may be a key pasted by mistake, so the error does not repeat it. */
function checkId(id: string): string {
  if (z.guid().safeParse(id).success) return id
  throw new AdminError('usage', 'Give the id of the key, a UUID: see npm run admin -- key list')
}

function require(key: ApiKey | undefined, id: string): ApiKey {
  if (key !== undefined) return key
  throw new AdminError('not_found', `There is no key ${id}: see npm run admin -- key list`)
}

/** Returns the first 16 hex digits of the hash of each of an organization's keys, revoked ones too. */
export async function keyPrefixesOf(database: Database, organizationId: string): Promise<Set<string>> {
  const text = `select left(encode(hash, 'hex'), 16) as prefix from api_keys where organization_id = $1`
  const rows = await database.rows(z.object({ prefix: z.string() }), text, [organizationId])
  return new Set(rows.map(({ prefix }) => prefix))
}
