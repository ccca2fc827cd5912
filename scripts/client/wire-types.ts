// The client's types of what is on the wire, written out from the contract so that they need nothing of the server's.

import { compile, type JSONSchema } from 'json-schema-to-typescript'
import * as z from 'zod/mini'
import { jobListAnswer, listedJob } from '../../src/answers/job-list.ts'
import { jobVisitorsAnswer } from '../../src/answers/job-visitors.ts'
import { parameterProblem } from '../../src/answers/parameter-problem.ts'
import { siteAnalyticsAnswer } from '../../src/answers/site-analytics.ts'
import { jobListQuery } from '../../src/contract/job-list.ts'
import { siteAnalyticsQuery } from '../../src/contract/site-analytics.ts'
import { jobVisitorsQuery, MAX_JOB_IDS } from '../../src/contract.ts'
import { DIMENSIONS, METRICS } from '../../src/domain/stats-question.ts'
import { ERRORS } from '../../src/errors.ts'

/** What the client names, in the order it is written. */
const TYPES = {
  Period: jobVisitorsQuery.shape.period,
  JobVisitorsAnswer: jobVisitorsAnswer,
  Job: listedJob,
  JobStatus: jobListQuery.shape.status.def.innerType,
  JobSort: jobListQuery.shape.sort,
  JobListAnswer: jobListAnswer,
  Metric: z.enum(METRICS),
  Dimension: z.enum(DIMENSIONS),
  Interval: siteAnalyticsQuery.shape.interval.def.innerType,
  SiteAnalytics: siteAnalyticsAnswer,
  ParameterProblem: parameterProblem,
  ApiErrorCode: z.enum(Object.keys(ERRORS)),
} satisfies Record<string, z.core.$ZodType>

const OPENING = `// Types of the API, written by \`npm run generate\` from the contract in src/.

/** How many jobs one request may name. */
export const MAX_JOB_IDS = ${MAX_JOB_IDS}
`

/** The whole text of `src/client/wire-types.ts`. */
export async function wireTypes(): Promise<string> {
  const texts: string[] = []
  for (const [name, schema] of Object.entries(TYPES)) {
    // The writer marks up what it is given, so it gets plain JSON of its own.
    const jsonSchema: JSONSchema = JSON.parse(JSON.stringify(z.toJSONSchema(schema, { target: 'draft-7' })))
    const style = { semi: false, singleQuote: true, printWidth: 110 }
    texts.push(await compile(jsonSchema, name, { bannerComment: '', additionalProperties: false, style }))
  }
  return [OPENING, ...texts].join('\n')
}
