// Freshness rules for cached figures: final windows, stale-while-revalidate and stale-if-error (RFC 5861).

import type { ResolvedWindow, Window } from '../analytics/windows.ts'

/** For how long a value may be used, in seconds. */
export interface CacheSettings {
  /** Served as it is for at most this long after it was read. */
  freshSeconds: number
  /** Served at once, and read again in the background, for at most this long after it was read. */
  staleSeconds: number
  /** Served only if the store fails, for at most this long after it is no longer fresh. */
  staleIfErrorSeconds: number
}

/** A value of the analytics store and what it belongs to. */
export interface CacheEntry {
  value: unknown
  /** Epoch milliseconds at which the value was read. */
  readAt: number
  /** The domain and the days it was read for. It is not fresh for others. */
  site: string
  window: Window
}

/** What an entry may be used for. `settling`: like `fresh`, but to be read once more, since events may arrive late. */
export type FreshnessState = 'fresh' | 'settling' | 'stale' | 'stale_if_error' | 'missing'

/** What an entry may be used for, its age, and how many seconds it is still fresh for (negative when it no longer is). */
export interface Freshness {
  state: FreshnessState
  ageSeconds: number
  freshForSeconds: number
}

/** A window that includes today changes all the time. */
const OPEN_FRESH_SECONDS = 60
const OPEN_STALE_SECONDS = 300
/** Events of the last day may arrive this long after its end. */
const LATE_EVENTS_MS = 15 * 60_000

/** What this entry may be used for, for this domain and these days, at `now` (epoch milliseconds). */
export function freshnessOf(
  entry: CacheEntry | undefined,
  site: string,
  window: ResolvedWindow,
  now: number,
  settings: CacheSettings,
): Freshness {
  if (entry === undefined || entry.site !== site)
    return { state: 'missing', ageSeconds: 0, freshForSeconds: 0 }
  const ageSeconds = Math.max(0, Math.floor((now - entry.readAt) / 1_000))
  const { freshSeconds, staleSeconds, staleIfErrorSeconds } = settingsFor(window, entry.readAt, settings)
  const isCurrent = entry.window.from === window.from && entry.window.to === window.to
  const untilChange = Math.floor((window.changesAt - now) / 1_000)
  const freshForSeconds = isCurrent ? Math.min(freshSeconds - ageSeconds, untilChange) : -ageSeconds
  const state = (name: FreshnessState): Freshness => ({ state: name, ageSeconds, freshForSeconds })
  if (isCurrent && ageSeconds < freshSeconds) {
    const settledAt = window.closesAt + LATE_EVENTS_MS
    const isSettling = window.closesAt <= entry.readAt && entry.readAt < settledAt && settledAt <= now
    return state(isSettling ? 'settling' : 'fresh')
  }
  if (isCurrent && ageSeconds < staleSeconds) return state('stale')
  const isUsable = ageSeconds < Math.max(freshSeconds, staleSeconds) + staleIfErrorSeconds
  return state(isUsable && staleIfErrorSeconds > 0 ? 'stale_if_error' : 'missing')
}

/** How many seconds figures that were just read are fresh for. */
export function freshSecondsOf(window: ResolvedWindow, now: number, settings: CacheSettings): number {
  const untilChange = Math.floor((window.changesAt - now) / 1_000)
  return Math.max(0, Math.min(settingsFor(window, now, settings).freshSeconds, untilChange))
}

/** Figures that were read before their last day was over lack the rest of that day, even after it is over. */
function settingsFor({ closesAt }: ResolvedWindow, readAt: number, settings: CacheSettings): CacheSettings {
  if (closesAt <= readAt) return settings
  return {
    ...settings,
    freshSeconds: Math.min(OPEN_FRESH_SECONDS, settings.freshSeconds),
    staleSeconds: Math.min(OPEN_STALE_SECONDS, settings.staleSeconds),
  }
}

/** Seconds after which a value is of no use; 0 when the cache is off. */
export function lifetimeSeconds({ freshSeconds, staleSeconds, staleIfErrorSeconds }: CacheSettings): number {
  return Math.max(freshSeconds, staleSeconds) + staleIfErrorSeconds
}
