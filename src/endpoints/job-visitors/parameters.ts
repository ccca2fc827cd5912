// The parameters of GET /analytics/jobs.

import * as z from 'zod/mini'
import { INTERVALS } from '../../analytics/analytics-store.ts'
import { list, oneOf, quote } from '../../http/query-parameters.ts'
import { formatParameter } from '../../http/response-format.ts'
import { JOB_METRICS } from '../job-figures.ts'
import { windowParameters } from '../window-parameters.ts'

/** The most jobs in one request. */
export const MAX_JOB_IDS = 100

const jobId = z.guid({ error: (issue) => `${quote(issue.input)} is not a UUID.` })

/** IDs stay as the caller wrote them. Duplicates are already removed. */
export const jobVisitorsParameters = z.strictObject({
  jobIds: list(jobId, {
    most: MAX_JOB_IDS,
    none: `Give 1 to ${MAX_JOB_IDS} job IDs, separated by commas.`,
    tooMany: `Give at most ${MAX_JOB_IDS} job IDs per request. Split the list into several requests.`,
  }),
  ...windowParameters,
  metrics: z.optional(
    list(oneOf(JOB_METRICS), {
      most: JOB_METRICS.length,
      none: 'Give at least one metric.',
      tooMany: `Give at most ${JOB_METRICS.length} metrics.`,
    }),
  ),
  interval: z.optional(oneOf(INTERVALS)),
  ...formatParameter,
})
/** The parsed parameters. */
export type JobVisitorsQuery = z.infer<typeof jobVisitorsParameters>
