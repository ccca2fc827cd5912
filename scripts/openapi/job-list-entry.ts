// GET /jobs in the reference.

import { type JobListAnswer, jobListAnswer } from '../../src/answers/job-list.ts'
import { jobListQuery } from '../../src/contract/job-list.ts'
import { type EndpointEntry, FIGURES_ERRORS } from './endpoint-entry.ts'

const job: JobListAnswer['data'][number] = {
  id: '3f0c1f6e-2c7b-4d0e-9a55-0b6f3a1c9d42',
  title: 'Product Manager, Toulouse',
  slug: 'product-manager-toulouse',
  status: 'active',
  url: 'https://jobs.example.com/jobs/product-manager-toulouse',
  created_at: '2026-01-14T09:30:00Z',
  expires_at: null,
}

const pagination: JobListAnswer['meta']['pagination'] = {
  current_page: 1,
  per_page: 1,
  total_items: 132,
  total_pages: 132,
  has_more: true,
  next_cursor: 'WyItY3JlYXRlZF9hdCIsIjIwMjYtMDEtMTRUMDk6MzA6MDBaIl0',
}

const onePage: JobListAnswer = { data: [job], meta: { pagination } }

const withVisitors: JobListAnswer = {
  data: [{ ...job, visitors: 150 }],
  meta: { pagination, period: '30d' },
}

export const jobListEntry: EndpointEntry = {
  path: '/jobs',
  operationId: 'listJobs',
  tag: 'Jobs',
  summary: 'Your jobs',
  description: `Your organization's jobs, a page at a time, on request with the visitors of each.

To read all of them, follow \`meta.pagination.next_cursor\` (or \`Link\` with \`rel="next"\`) until it is null: a page costs the same however far it
is. Pages by number reach 10,000 jobs far. A search counts at most 1,000 matches, and among 100,000 jobs and more often only the nearest; \`total_items_capped\` then says that there may be more.`,
  query: jobListQuery,
  parameters: {
    status: { description: 'Only jobs of this status.', example: 'active' },
    q: { description: 'Only jobs with all of these words in their title.', example: 'product manager' },
    sort: { description: '`-` is descending.', example: '-created_at' },
    page: { description: 'The page by its number, from 1.', example: 2 },
    per_page: { description: 'How many jobs a page has.', example: 20 },
    cursor: {
      description: 'The page after the one that gave this cursor. Takes the place of `page` and `sort`.',
      example: 'WyItY3JlYXRlZF9hdCIsIjIwMjYtMDEtMTRUMDk6MzA6MDBaIl0',
    },
    include: { description: 'Adds the visitors of each job. Needs a verified domain.', example: 'visitors' },
    period: {
      description: 'The period of the visitors; `30d` unless named. Only with `include`.',
      example: '30d',
    },
  },
  answer: jobListAnswer,
  answerDescription: 'One page of jobs.',
  answerHeaders: ['Link'],
  examples: {
    onePage: { summary: 'A page of one job', value: onePage },
    withVisitors: { summary: 'With visitors', value: withVisitors },
  },
  kind: 'list',
  errors: FIGURES_ERRORS,
}
