// The port to what all Workers share: admission, cached figures, the circuit, the counts of queries and requests, and locks.

import type { Circuit, Outcome } from '../analytics/circuit-breaker.ts'
import type { Queries, Spending } from '../analytics/fair-share.ts'
import type { CacheEntry } from '../cache/freshness.ts'
import type { StoredEntry } from '../cache/stored-entries.ts'
import type { Admission } from '../limits/admission.ts'
import type { DayUsage, UsageCount, UsageQuery } from '../usage/usage.ts'

/**
 * How long a lock stays after `unlockSoon`, in milliseconds. A request that read stale figures just before they were refreshed
 * still finds it taken, and does not refresh them again.
 */
export const UNLOCK_DELAY_MS = 1_000

/** What is read when a request arrives. */
export interface Arrival {
  /** Undefined if admission could not be decided. */
  admission: Admission | undefined
  /** One for each cache key, in order. */
  cached: (CacheEntry | undefined)[]
  circuit: Circuit
  spending: Spending
  /** Whether the token had not been used before; undefined if none was sent or Redis failed. */
  isTokenNew?: boolean
  /** The error because of which some or all of it was not read. */
  error?: unknown
}

/** What a request changes in the shared state. */
export interface StateChanges {
  /** The slot to release. */
  release?: { limitId: string; requestId: string }
  /** Figures to cache for an organization. */
  writes?: { organizationId: string; entries: StoredEntry[] }
  /** What a query for a site showed about the analytics store. */
  outcome?: { site: string; outcome: Outcome }
  /** Queries that an organization sent to the analytics store. */
  queries?: Queries
  /** Requests that ended, to count. */
  usage?: readonly UsageCount[]
  /** A lock to take: only one request holds it, until it is unlocked or for a few seconds. */
  lock?: string
  unlock?: string
  /** A lock to unlock after `UNLOCK_DELAY_MS`. */
  unlockSoon?: string
}

/** What all Workers share. Each method is one round trip, in which each part succeeds or fails by itself. Never throws. */
export interface SharedState {
  /**
   * Decides admission and reads the rest. `limitId` identifies the holder of the limits: a key by its hash, or a person. `now` is in
   * epoch milliseconds.
   */
  arrive(request: {
    limitId: string
    requestId: string
    now: number
    cacheKeys: readonly string[]
    /** The name of a single-use token. */
    token?: string | undefined
  }): Promise<Arrival>
  /** Records the use of a single-use token. False if it was used before, undefined if that is not known. */
  takeToken(token: string): Promise<boolean | undefined>
  /** Reads cached figures whose keys were not known on arrival; one for each key, in order. */
  readCache(cacheKeys: readonly string[]): Promise<(CacheEntry | undefined)[]>
  /** Reads how many requests were counted; one entry for each day, in order. Without `usage`, `error` says why. */
  readUsage(query: UsageQuery): Promise<{ usage?: DayUsage[]; error?: unknown }>
  /** Applies the changes. `locked`: the lock was taken. */
  apply(changes: StateChanges, now: number): Promise<{ locked: boolean; error?: unknown }>
}
