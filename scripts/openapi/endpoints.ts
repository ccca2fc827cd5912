// The endpoints of the reference, in the order it shows them; a new endpoint is one more entry.

import type { EndpointEntry } from './endpoint-entry.ts'
import { jobListEntry } from './job-list-entry.ts'
import { jobVisitorsEntry } from './job-visitors-entry.ts'
import { siteAnalyticsEntry } from './site-analytics-entry.ts'
import { healthEntry, readyEntry } from './status-entries.ts'

export const ENDPOINTS: readonly EndpointEntry[] = [
  jobVisitorsEntry,
  siteAnalyticsEntry,
  jobListEntry,
  healthEntry,
  readyEntry,
]
