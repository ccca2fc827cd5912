// The API keys of the organization: list, create, rotate, revoke, and who did so.

import { send, sendForJson } from './send.ts'

/** An API key as the list shows it. The key itself is shown once. */
export interface ApiKey {
  id: string
  name: string
  /** Its first characters. */
  hint: string
  state: 'active' | 'expiring' | 'expired' | 'revoked'
  created_at: string
  created_by: string | null
  last_used_at: string | null
  expires_at: string | null
  revoked_at: string | null
}

/** A key at the only moment at which it is readable. */
export interface NewApiKey extends ApiKey {
  key: string
}

/** All keys, and how many may be active. */
export interface ApiKeys {
  data: ApiKey[]
  meta: { active: number; active_limit: number }
}

/** What a person did with a key. */
export interface AuditEntry {
  at: string
  person: { id: string; name: string | null }
  action: 'create' | 'rotate' | 'revoke'
  key: { id: string; name: string; hint: string }
}

/** A key that replaces another one, and until when that one goes on working. */
export interface RotatedApiKey {
  data: NewApiKey
  meta: { replaced: string; old_key_expires_at: string }
}

const AUDIT_ENTRIES = 50

/** All keys of the organization. */
export function readKeys(signal: AbortSignal): Promise<ApiKeys> {
  return sendForJson('/keys', { signal })
}

/** The last changes of keys, the newest first. */
export async function readAudit(signal: AbortSignal): Promise<AuditEntry[]> {
  const path = `/keys/audit?limit=${AUDIT_ENTRIES}`
  const { data } = await sendForJson<{ data: AuditEntry[] }>(path, { signal })
  return data
}

/** Creates a key. `expiresAt` is an ISO date, or null for a key that does not expire. */
export async function createKey(name: string, expiresAt: string | null): Promise<NewApiKey> {
  const body = { name, ...(expiresAt !== null && { expires_at: expiresAt }) }
  const { data } = await sendForJson<{ data: NewApiKey }>('/keys', { method: 'POST', body })
  return data
}

/** Creates a key in place of this one, which goes on working for `overlapSeconds`. */
export function rotateKey(id: string, overlapSeconds: number): Promise<RotatedApiKey> {
  return sendForJson(`/keys/${encodeURIComponent(id)}/rotate`, {
    method: 'POST',
    body: { overlap_seconds: overlapSeconds },
  })
}

/** Ends a key at once. */
export async function revokeKey(id: string): Promise<void> {
  await send(`/keys/${encodeURIComponent(id)}`, { method: 'DELETE' })
}
