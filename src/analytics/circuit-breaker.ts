// The circuit breaker in front of the analytics store: when queries stop, for which site, and when one is tried again.

/** Queries are paused until a moment (epoch milliseconds). The record outlives its end, so that one request probes. */
export type Pause =
  /** Several sites failed; `site` failed last. */
  | { reason: 'failures'; until: number; site: string }
  /** The store refused queries because of its quota; `refusals` in a row. One request probes from `probeAt` on. */
  | { reason: 'quota'; until: number; probeAt: number; refusals: number }

/** What all Workers have recorded about the store. */
export interface Circuit {
  /** Applies to all sites. */
  pause: Pause | undefined
  /** The sites whose own queries are paused, and until when. */
  pausedSites: ReadonlyMap<string, number>
}

/** What one query showed: it succeeded, perhaps after failures; it failed; or the store refuses queries. */
export type Outcome = 'succeeded' | 'recovered' | 'failed' | Extract<Pause, { reason: 'quota' }>

/** What an error of the store means for the circuit; undefined if it says nothing about the store. */
export type Signal = 'failed' | { refusedForMs: number | undefined }

/** A site that fails five times in a row within a minute is paused for 10 s; then one of its requests probes. */
export const FAILURES_TO_PAUSE = 5
/** How long a failure counts. */
export const FAILURE_MEMORY_MS = 60_000
/** How long a site, or all sites, are paused for failures. */
export const FAILURE_PAUSE_MS = 10_000
/** When this many sites are paused at once, the fault is the store's, and all sites are paused. */
export const SITES_TO_PAUSE_ALL = 3
/** How long a pause is remembered after its end. */
export const PAUSE_MEMORY_MS = 60_000

const FIRST_REFUSAL_MS = 5_000
const LONGEST_REFUSAL_MS = 300_000
const QUOTA_PROBE_MS = 60_000
const HOUR_MS = 3_600_000

/** No pause. */
export const CLOSED_CIRCUIT: Circuit = { pause: undefined, pausedSites: new Map() }

/** Whether a site may be queried. `half_open`: only by the request that gets the lock `probe`. */
export type CircuitState =
  | { state: 'closed' }
  | { state: 'half_open'; probe: string; reason: Pause['reason']; until: number }
  | { state: 'open'; reason: Pause['reason']; until: number }

/** The state for one site at `now` (epoch milliseconds). */
export function circuitState({ pause, pausedSites }: Circuit, site: string, now: number): CircuitState {
  if (pause && now < pause.until) {
    const { reason, until } = pause
    const mayProbe = pause.reason === 'quota' && now >= pause.probeAt
    return mayProbe ? { state: 'half_open', probe: 'all', reason, until } : { state: 'open', reason, until }
  }
  if (pause?.reason === 'failures') {
    const { reason } = pause
    // The site that failed last may be the cause, so another one probes.
    if (pause.site === site) return { state: 'open', reason, until: now + FAILURE_PAUSE_MS }
    return { state: 'half_open', probe: 'all', reason, until: pause.until }
  }
  const until = pausedSites.get(site)
  if (until === undefined) return { state: 'closed' }
  if (now < until) return { state: 'open', reason: 'failures', until }
  return { state: 'half_open', probe: site, reason: 'failures', until }
}

/** Whether a pause is recorded that a success of this site ends. */
export function isTroubled({ pause, pausedSites }: Circuit, site: string): boolean {
  return pause !== undefined || pausedSites.has(site)
}

/** The first moment of the next clock hour in UTC, by which the store counts its quota. */
export function nextHour(now: number): number {
  return (Math.floor(now / HOUR_MS) + 1) * HOUR_MS
}

/**
 * The pause after a refusal: as long as the store says; otherwise until the hour turns if our own count says that the
 * quota is spent, and a short time that doubles if it does not.
 */
export function quotaPause(
  refusedForMs: number | undefined,
  { pause }: Circuit,
  isQuotaSpent: boolean,
  now: number,
): Extract<Pause, { reason: 'quota' }> {
  const refusals = pause?.reason === 'quota' ? pause.refusals + 1 : 1
  const shortMs = Math.min(LONGEST_REFUSAL_MS, FIRST_REFUSAL_MS * 2 ** (refusals - 1))
  const fallback = isQuotaSpent ? nextHour(now) : now + shortMs
  const until = refusedForMs === undefined ? fallback : Math.min(now + refusedForMs, nextHour(now))
  return { reason: 'quota', until, probeAt: now + QUOTA_PROBE_MS, refusals }
}
