// GET /analytics/jobs in the reference.

import {
  type EndpointReference,
  FIGURES_ERRORS,
  formatText,
  INTERVAL_WORDS,
  windowTexts,
} from '../endpoint-reference.ts'
import { jobVisitorsParameters, MAX_JOB_IDS } from './parameters.ts'
import { type JobVisitorsResponse, jobVisitorsResponse } from './response.ts'

const JOBS = ['3f0c1f6e-2c7b-4d0e-9a55-0b6f3a1c9d42', '8d5e2b14-77aa-4a0f-8f4c-5c1e6f0a2b93'] as const

const DAYS = { from: '2026-01-01', to: '2026-01-30', time_zone: 'Europe/Paris' }

const twoJobs: JobVisitorsResponse = {
  data: { visitors: { [JOBS[0]]: 150, [JOBS[1]]: 320 } },
  meta: { period: '30d', total_jobs: 2 },
}

const withPageviews: JobVisitorsResponse = {
  data: { visitors: { [JOBS[0]]: 150 }, pageviews: { [JOBS[0]]: 204 } },
  meta: { period: '30d', ...DAYS, total_jobs: 1 },
}

const withSeries: JobVisitorsResponse = {
  data: {
    visitors: { [JOBS[0]]: 31 },
    series: {
      [JOBS[0]]: [
        { date: '2026-01-05', visitors: 19 },
        { date: '2026-01-12', visitors: 12 },
      ],
    },
  },
  meta: { from: '2026-01-05', to: '2026-01-18', time_zone: 'Europe/Paris', total_jobs: 1, interval: 'week' },
}

const noVisitors: JobVisitorsResponse = {
  data: { visitors: { [JOBS[0]]: 0 } },
  meta: { period: '7d', total_jobs: 1 },
}

/** The text and the examples. */
export const jobVisitorsReference: EndpointReference = {
  path: '/analytics/jobs',
  operationId: 'getJobVisitors',
  tag: 'Analytics',
  summary: 'Visitors of job postings',
  description: `Returns how many people visited each of your jobs in a period.

A visitor counts once per day, so a person who returns on another day counts again. A job without visitors is in the response with 0.
Days are whole days of your site's time zone. \`meta\` contains the days that were counted, unless you only send \`jobIds\` and a period that ends yesterday.

If one of the jobs is not yours, the whole request is refused with \`job_access_denied\`.`,
  query: jobVisitorsParameters,
  parameters: {
    jobIds: {
      description: `The IDs of 1 to ${MAX_JOB_IDS} of your jobs, separated by commas. Spaces around an ID are allowed, and you may repeat the parameter.
IDs are not case-sensitive. The response contains each distinct ID once, as you first wrote it.`,
      example: JOBS,
    },
    ...windowTexts(),
    metrics: {
      description:
        'What to count, separated by commas. `visitors` is always included. `applications` are visitors who applied, and `application_rate` is their share of the visitors in percent; both require that the platform counts applications.',
      example: ['visitors', 'pageviews'],
    },
    interval: {
      description: `Adds a series for each job with one point per ${INTERVAL_WORDS}.`,
      example: 'day',
    },
    format: formatText('one row per job, or with `interval` one row per job and date'),
  },
  response: {
    name: 'JobVisitorsResponse',
    schema: jobVisitorsResponse,
    description: 'The visitors of each job. The keys are the job IDs as you wrote them.',
    examples: {
      twoJobs: { summary: 'Two jobs over 30 days', value: twoJobs },
      withPageviews: { summary: 'With pageviews', value: withPageviews },
      withSeries: { summary: 'With a series by week', value: withSeries },
      noVisitors: { summary: 'A job without visitors', value: noVisitors },
    },
  },
  csv: `job_id,visitors\r\n${JOBS[0]},150\r\n${JOBS[1]},320\r\n`,
  kind: 'figures',
  errors: [...FIGURES_ERRORS, 'job_access_denied'],
}
