// What all endpoints of the stand-in share.
import type { DatabaseSync } from 'node:sqlite'
import { createHourlyQuota, type HourlyQuota } from './hourly-quota.ts'
import { createVisitSites, type VisitSites } from './visit-sites.ts'
import { openVisitTables } from './visit-tables.ts'
import { createVisitWriter, type VisitWriter } from './visit-writer.ts'

/** A query that was received: its parsed body, or its text where that was no JSON, and the status of the answer. */
type LoggedQuery = { readonly body: unknown; readonly status: number }

/** The stand-in's state; `now` is in epoch milliseconds. */
export type StandIn = {
  readonly apiKey: string
  readonly now: () => number
  readonly db: DatabaseSync
  readonly sites: VisitSites
  readonly write: VisitWriter
  readonly quota: HourlyQuota
  readonly queries: LoggedQuery[]
}

/** An answer of an endpoint; a string is sent as plain text, everything else as JSON. */
export type Answer = {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Creates an empty stand-in. */
export function createStandIn(options: {
  apiKey: string
  now: () => number
  quotaPerHour: number | null
}): StandIn {
  const db = openVisitTables()
  return {
    apiKey: options.apiKey,
    now: options.now,
    db,
    sites: createVisitSites(db),
    write: createVisitWriter(db),
    quota: createHourlyQuota(options.quotaPerHour),
    queries: [],
  }
}
