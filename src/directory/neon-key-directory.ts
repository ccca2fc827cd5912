// The key directory in Neon Postgres: each method calls one function of migration 0008 with the console's own login.

import * as z from 'zod/mini'
import { NeonClient, type NeonOptions, type Parameter } from '../stores/neon-client.ts'
import { type Actor, KEY_ACTIONS, KEY_STATES, type KeyDirectory, MAX_ACTIVE_KEYS } from './key-directory.ts'

const text = z.string()
const time = z.nullable(text)

const organization = z.object({
  id: text,
  name: text,
  domain: z.nullable(text),
  isVerified: z.boolean(),
  timeZone: text,
})
const listedKey = z.object({
  id: text,
  name: text,
  hint: text,
  state: z.enum(KEY_STATES),
  created_at: text,
  created_by: z.nullable(text),
  last_used_at: time,
  expires_at: time,
  revoked_at: time,
})
const auditEntry = z.object({
  at: text,
  person: z.object({ id: text, name: z.nullable(text) }),
  action: z.enum(KEY_ACTIONS),
  key: z.object({ id: text, name: text, hint: text }),
})
const problem = z.object({ problem: z.enum(['too_many_keys', 'key_not_found', 'key_not_active']) })
const created = z.union([problem, z.object({ key: listedKey })])
const rotated = z.union([problem, z.object({ key: listedKey, oldKeyExpiresAt: text })])
const revoked = z.union([problem, z.object({})])

/** The `KeyDirectory` port over a Neon database. */
export function neonKeyDirectory(options: NeonOptions): KeyDirectory {
  const neon = new NeonClient(options)

  /** The result of a function; undefined for null. */
  async function call<Result>(
    result: z.core.$ZodType<Result>,
    invocation: string,
    parameters: readonly Parameter[],
    signal: AbortSignal,
  ): Promise<Result | undefined> {
    const row = z.object({ result: z.nullable(result) })
    return (
      (await neon.queryRow(`select ${invocation} as result`, parameters, row, signal))?.result ?? undefined
    )
  }

  return {
    findOrganization: (id, signal) => call(organization, 'console_organization($1)', [id], signal),

    listKeys: (id, signal) => call(z.array(listedKey), 'console_list_keys($1)', [id], signal),

    listAudit: (id, limit, signal) =>
      call(z.array(auditEntry), 'console_list_audit($1, $2)', [id, limit], signal),

    createKey: ({ organizationId, ...person }, { name, hash, hint, expiresAt }, signal) =>
      call(
        created,
        "console_create_key($1, $2, decode($3, 'hex'), $4, $5, $6, $7, $8)",
        [organizationId, name, hash, hint, expiresAt, MAX_ACTIVE_KEYS, ...columnsOf(person)],
        signal,
      ),

    rotateKey: ({ organizationId, ...person }, id, { hash, hint, overlapSeconds }, signal) =>
      call(
        rotated,
        "console_rotate_key($1, $2, decode($3, 'hex'), $4, $5, $6, $7, $8)",
        [organizationId, id, hash, hint, overlapSeconds, MAX_ACTIVE_KEYS, ...columnsOf(person)],
        signal,
      ),

    revokeKey: ({ organizationId, ...person }, id, signal) =>
      call(revoked, 'console_revoke_key($1, $2, $3, $4)', [organizationId, id, ...columnsOf(person)], signal),
  }
}

function columnsOf({ id, name }: Omit<Actor, 'organizationId'>): [string, string | null] {
  return [id, name]
}
