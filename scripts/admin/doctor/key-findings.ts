// Checks an API key as the Worker does: its form, its signature, and its row in the database. The key is never printed.
import * as z from 'zod/mini'
import { inspectSettings } from '../../../src/config.ts'
import { hasApiKeyShape } from '../../../src/keys/api-key.ts'
import { KeyVerifier } from '../../../src/keys/key-verifier.ts'
import { type Database, openDatabase } from '../database.ts'
import type { Settings } from '../settings.ts'
import { type Finding, failed, ok, skipped, warning } from './finding.ts'

/** Only columns that the Worker's login may read. */
const FIND_KEY = `select k.id, k.organization_id::text as "organizationId", k.revoked_at as "revokedAt",
    k.expires_at as "expiresAt", coalesce(k.expires_at <= now(), false) as "isExpired",
    o.domain_verified_at is not null as "isVerified"
  from api_keys k join organizations o on o.id = k.organization_id where k.hash = decode($1, 'hex')`

const keyRow = z.object({
  id: z.string(),
  organizationId: z.string(),
  revokedAt: z.nullable(z.date()),
  expiresAt: z.nullable(z.date()),
  isExpired: z.boolean(),
  isVerified: z.boolean(),
})

/** Returns one finding, `key`. Throws AdminError when the database cannot be used. */
export async function examineKey(settings: Settings, key: string): Promise<Finding> {
  if (!hasApiKeyShape(key)) {
    return failed('key', 'this is not a complete API key: it is "jak_" with 42 letters and digits after it')
  }
  const { right } = inspectSettings(settings)
  if (right.API_KEY_SECRET === undefined) return skipped('key', 'API_KEY_SECRET must be right first')
  const current = await hashWith(key, right.API_KEY_SECRET)
  const hash = current ?? (await hashWith(key, right.API_KEY_SECRET_PREVIOUS))
  if (hash === undefined) {
    return failed(
      'key',
      'it was not issued with this API_KEY_SECRET (nor API_KEY_SECRET_PREVIOUS): set the secret it was issued with, or issue a new key',
    )
  }
  const database = await openDatabase(settings, ['DATABASE_URL'])
  try {
    return await examineRow(database, hash, current === undefined)
  } finally {
    await database.close()
  }
}

async function examineRow(database: Database, hash: string, isPrevious: boolean): Promise<Finding> {
  const [row] = await database.rows(keyRow, FIND_KEY, [hash])
  if (row === undefined) {
    return failed('key', 'the database of DATABASE_URL does not hold it: check which database issued the key')
  }
  const name = `key ${row.id} of organization ${row.organizationId}`
  if (row.revokedAt)
    return failed('key', `${name} was revoked at ${row.revokedAt.toISOString()}: issue a new one`)
  if (row.isExpired)
    return failed('key', `${name} expired at ${row.expiresAt?.toISOString()}: issue a new one`)
  if (!row.isVerified) {
    return warning(
      'key',
      `${name} is valid, but the domain is not verified: run org verify-domain ${row.organizationId}`,
    )
  }
  if (isPrevious) {
    return warning(
      'key',
      `${name} is valid through API_KEY_SECRET_PREVIOUS: rotate it before you remove that secret`,
    )
  }
  return ok('key', `${name} is valid`)
}

/** The hash by which the database stores a key of this secret; undefined for any other key. */
async function hashWith(key: string, secret: string | undefined): Promise<string | undefined> {
  return secret === undefined ? undefined : new KeyVerifier([secret]).hashOf(key)
}
