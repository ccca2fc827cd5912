// The state that all endpoints of the stand-in share.
import type { DatabaseSync } from 'node:sqlite'
import { createHourlyQuota, type HourlyQuota } from './hourly-quota.ts'
import { createVisitSites, type VisitSites } from './visit-sites.ts'
import { openVisitTables } from './visit-tables.ts'
import { createVisitWriter, type VisitWriter } from './visit-writer.ts'

/** A received query: its parsed body (or its text if that was not JSON) and the status of the response. */
type LoggedQuery = { readonly body: unknown; readonly status: number }

/** A statistics API: Plausible 3 has both, version 2 (Community Edition 2.x) only v1. */
export type StatsApi = 'v1' | 'v2'

/** The stand-in's state; `now` is in epoch milliseconds, `statsApis` are the APIs that it serves. */
export type StandIn = {
  readonly apiKey: string
  readonly statsApis: Set<StatsApi>
  readonly now: () => number
  readonly db: DatabaseSync
  readonly sites: VisitSites
  readonly write: VisitWriter
  readonly quota: HourlyQuota
  readonly queries: LoggedQuery[]
}

/** The response of an endpoint. A string is sent as plain text, everything else as JSON. */
export type StandInResponse = {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Creates an empty stand-in. */
export function createStandIn(options: {
  apiKey: string
  statsApis: readonly StatsApi[]
  now: () => number
  quotaPerHour: number | null
}): StandIn {
  const db = openVisitTables()
  return {
    apiKey: options.apiKey,
    statsApis: new Set(options.statsApis),
    now: options.now,
    db,
    sites: createVisitSites(db),
    write: createVisitWriter(db),
    quota: createHourlyQuota(options.quotaPerHour),
    queries: [],
  }
}
