// The typed client of the API with the session of the page in place of a key.

import { AnalyticsClient } from 'job-analytics-client'

/** Longer waits are shown, with the time at which they end, and not spent in silence. */
const DEADLINE_MS = 12_000

/** Reads figures and jobs of the session's organization. */
export const analytics = new AnalyticsClient({
  baseUrl: location.origin,
  credentials: 'same-origin',
  deadlineMs: DEADLINE_MS,
})
