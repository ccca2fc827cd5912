// GET /analytics/jobs in the reference.

import { type JobVisitorsAnswer, jobVisitorsAnswer } from '../../src/answers/job-visitors.ts'
import { jobVisitorsQuery } from '../../src/contract.ts'
import { type EndpointEntry, FIGURES_ERRORS } from './endpoint-entry.ts'

const JOBS = ['3f0c1f6e-2c7b-4d0e-9a55-0b6f3a1c9d42', '8d5e2b14-77aa-4a0f-8f4c-5c1e6f0a2b93'] as const

const twoJobs: JobVisitorsAnswer = {
  data: { visitors: { [JOBS[0]]: 150, [JOBS[1]]: 320 } },
  meta: { period: '30d', total_jobs: 2 },
}

const oneQuietJob: JobVisitorsAnswer = {
  data: { visitors: { [JOBS[0]]: 0 } },
  meta: { period: '7d', total_jobs: 1 },
}

export const jobVisitorsEntry: EndpointEntry = {
  path: '/analytics/jobs',
  operationId: 'getJobVisitors',
  tag: 'Analytics',
  summary: 'Visitors of job postings',
  description: `How many people visited each of your jobs over a period.

A visitor is counted once a day. A job nobody visited is in the answer with 0. Counts are at most 5 minutes old, or 1 hour
where an older one could be answered at once; \`Age\` says how old they are.`,
  query: jobVisitorsQuery,
  parameters: {
    jobIds: {
      description: `The IDs of 1 to 100 of your jobs, comma-separated; spaces around them are allowed, and the parameter may be repeated.
Case does not matter and an ID given twice counts once; the answer has each ID as you first wrote it.`,
      example: JOBS,
    },
    period: {
      description: `\`7d\` and \`30d\` are the full days before today, \`6mo\` and \`12mo\` the full months before this one.`,
      example: '30d',
    },
    metrics: {
      description: 'What is counted: `visitors` is always there, `pageviews` where it is named.',
      example: ['visitors', 'pageviews'],
    },
    interval: {
      description: 'Adds a series for each job, one point for each day, week or month.',
      example: 'day',
    },
  },
  answer: jobVisitorsAnswer,
  answerDescription: 'Visitors by job ID, each ID as you wrote it.',
  examples: {
    twoJobs: { summary: 'Two jobs over 30 days', value: twoJobs },
    oneQuietJob: { summary: 'A job nobody visited', value: oneQuietJob },
  },
  kind: 'figures',
  errors: [...FIGURES_ERRORS, 'job_access_denied'],
}
