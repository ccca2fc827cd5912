// Everything the app is built from. `connect.ts` builds it from real parts, tests from parts in memory.

import type { AnalyticsStore } from './analytics/analytics-store.ts'
import type { SentQueries } from './analytics/fair-share.ts'
import type { CacheSettings } from './cache/freshness.ts'
import type { Assets } from './config.ts'
import type { ConsoleTokens } from './console/console-tokens.ts'
import type { Directory } from './directory/directory.ts'
import type { KeyDirectory } from './directory/key-directory.ts'
import type { IssuedKey } from './keys/key-issuer.ts'
import type { KeyVerifier } from './keys/key-verifier.ts'
import type { Limits } from './limits/admission.ts'
import type { ExhaustedKeys } from './limits/exhausted-keys.ts'
import type { FallbackLimiter } from './limits/fallback-limiter.ts'
import type { SharedState } from './shared-state/shared-state.ts'
import type { Pingable } from './stores/store-error.ts'
import type { UncountedUsage } from './usage/uncounted-usage.ts'

/** What the console needs beyond the API. */
export interface ConsoleServices {
  tokens: ConsoleTokens
  directory: KeyDirectory
  /** Makes a new API key. */
  issueKey: () => Promise<IssuedKey>
  /** Origins whose pages may embed the console's. */
  frameAncestors: readonly string[]
}

/** The ports and settings of the app. */
export interface Services {
  directory: Directory
  shared: SharedState
  store: AnalyticsStore
  /** The three stores above, for `GET /ready`. */
  stores: { database: Pingable; redis: Pingable; analytics: Pingable }
  sentQueries: SentQueries
  uncountedUsage: UncountedUsage
  /** Queries to the analytics store that all organizations may send in a clock hour; 0 for no limit. */
  queriesPerHour: number
  /** The event that stands for an application; undefined if none is counted. */
  applyEvent: string | undefined
  fallbackLimiter: FallbackLimiter
  exhausted: ExhaustedKeys
  limits: Limits
  cache: CacheSettings
  keys: KeyVerifier
  /** Undefined if there is no console. */
  console: ConsoleServices | undefined
  /** Origins whose pages may call the API from a browser. */
  corsOrigins: readonly string[]
  /** Where links in responses begin, such as `https://analytics.example.com`; undefined for the request's own origin. */
  publicUrl: string | undefined
  /** The built pages, for browsers; undefined if the Worker has none. */
  assets: Assets | undefined
  /** The deployed release of the Worker. */
  release: string
  /** Epoch milliseconds. */
  now: () => number
  /** Writes one line of the log. */
  log: (line: Record<string, unknown>) => void
}
