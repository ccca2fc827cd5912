// The port to what the console needs: an organization by its ID, its API keys, and what people did with them.

/** An organization as its people see it. */
export interface ConsoleOrganization {
  id: string
  name: string
  domain: string | null
  isVerified: boolean
  timeZone: string
}

/** The states of a key. `expiring`: it has a successor and is valid until it expires. */
export const KEY_STATES = ['active', 'expiring', 'expired', 'revoked'] as const

/** A key as it is listed, and sent; times are ISO 8601 in UTC. */
export interface ListedKey {
  id: string
  name: string
  hint: string
  state: (typeof KEY_STATES)[number]
  created_at: string
  created_by: string | null
  last_used_at: string | null
  expires_at: string | null
  revoked_at: string | null
}

/** What people do with keys. */
export const KEY_ACTIONS = ['create', 'rotate', 'revoke'] as const

/** One thing that a person did, as it is sent. */
export interface AuditEntry {
  at: string
  person: { id: string; name: string | null }
  action: (typeof KEY_ACTIONS)[number]
  key: { id: string; name: string; hint: string }
}

/** Why a key was not changed. */
export type KeyProblem = 'too_many_keys' | 'key_not_found' | 'key_not_active'

/** What is stored of a new key. */
export interface NewKey {
  /** SHA-256 of the key, in hex. */
  hash: string
  hint: string
}

/** Who changes a key: a person of an organization. */
export interface Actor {
  organizationId: string
  id: string
  name: string | null
}

/** How many keys of an organization may be active. */
export const MAX_ACTIVE_KEYS = 20

/**
 * Organizations and their keys, for people. Each method runs one statement, reaches nothing of another organization, returns
 * undefined for an unknown organization, and throws `StoreError`.
 */
export interface KeyDirectory {
  findOrganization(id: string, signal: AbortSignal): Promise<ConsoleOrganization | undefined>
  /** All keys of the organization, the newest first. */
  listKeys(organizationId: string, signal: AbortSignal): Promise<ListedKey[] | undefined>
  /** What people did, the newest first, at most `limit` entries. */
  listAudit(organizationId: string, limit: number, signal: AbortSignal): Promise<AuditEntry[] | undefined>
  createKey(
    actor: Actor,
    key: NewKey & { name: string; expiresAt: string | null },
    signal: AbortSignal,
  ): Promise<{ key: ListedKey } | { problem: KeyProblem } | undefined>
  /** Creates a successor. The old key ends after `overlapSeconds`, or when it would have ended anyway. */
  rotateKey(
    actor: Actor,
    id: string,
    key: NewKey & { overlapSeconds: number },
    signal: AbortSignal,
  ): Promise<{ key: ListedKey; oldKeyExpiresAt: string } | { problem: KeyProblem } | undefined>
  /** Revokes a key for good. Doing so again changes nothing. */
  revokeKey(
    actor: Actor,
    id: string,
    signal: AbortSignal,
  ): Promise<{ problem?: KeyProblem | undefined } | undefined>
}
