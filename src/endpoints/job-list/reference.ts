// GET /jobs in the reference.

import { type EndpointReference, FIGURES_ERRORS, formatText, windowTexts } from '../endpoint-reference.ts'
import { encodeCursor } from './cursor.ts'
import { jobListParameters, MAX_COUNTED_MATCHES, MAX_NUMBERED_ITEMS, MAX_PER_PAGE } from './parameters.ts'
import { type JobListResponse, jobListResponse, listedJob } from './response.ts'

const job: JobListResponse['data'][number] = {
  id: '3f0c1f6e-2c7b-4d0e-9a55-0b6f3a1c9d42',
  title: 'Product Manager, Toulouse',
  slug: 'product-manager-toulouse',
  status: 'active',
  url: 'https://jobs.example.com/jobs/product-manager-toulouse',
  created_at: '2026-01-14T09:30:00Z',
  expires_at: null,
}

const CURSOR = encodeCursor({
  sort: '-created_at',
  value: '2026-01-14T09:30:00.000000Z',
  id: job.id,
  page: 2,
})

const pagination: JobListResponse['meta']['pagination'] = {
  current_page: 1,
  per_page: 1,
  total_items: 132,
  total_pages: 132,
  has_more: true,
  next_cursor: CURSOR,
}

const withVisitors: JobListResponse = {
  data: [{ ...job, visitors: 150 }],
  meta: { pagination, period: '30d', from: '2026-01-01', to: '2026-01-30', time_zone: 'Europe/Paris' },
}

const topJobs: JobListResponse = {
  data: [{ ...job, visitors: 150, applications: 12 }],
  meta: withVisitors.meta,
}

const onePage: JobListResponse = { data: [job], meta: { pagination } }

const text = (count: number) => count.toLocaleString('en-US')

/** The text and the examples. */
export const jobListReference: EndpointReference = {
  path: '/jobs',
  operationId: 'listJobs',
  tag: 'Jobs',
  summary: 'Your jobs',
  description: `Returns one page of your organization's jobs, on request with the visitors and applications of each job.

To read all jobs, follow \`meta.pagination.next_cursor\` (or the \`Link\` header with \`rel="next"\`) until it is null. Each of these pages costs the same.
Page numbers only reach the first ${text(MAX_NUMBERED_ITEMS)} jobs. A search counts at most ${text(MAX_COUNTED_MATCHES)} matches, and fewer where an organization has very many jobs;
\`total_items_capped\` is then true, and there may be more matches than \`total_items\`.

\`sort=-visitors\` and \`sort=-applications\` list the jobs with the most visitors or applications first. Jobs without any follow after them from the newest, so
all jobs are listed. On a site with more than 10,000 visited pages only the jobs among these pages are ranked. In these two orders, a change of a job's title shows with a delay of up to one day.`,
  query: jobListParameters,
  parameters: {
    status: { description: 'Only jobs with this status.', example: 'active' },
    q: {
      description:
        'Only jobs whose title contains all of these words. Case and accents do not matter, and words end at spaces and punctuation: `node` finds "Node.js". `C++` and `C#` are words of their own.',
      example: 'product manager',
    },
    sort: {
      description:
        'The order of the jobs. `-` means descending. `-visitors` and `-applications` include the same figure in each job.',
      example: '-created_at',
    },
    page: { description: 'The number of the page. The first page is 1.', example: 2 },
    per_page: { description: `The number of jobs per page, at most ${MAX_PER_PAGE}.`, example: 20 },
    cursor: {
      description:
        'The `next_cursor` of the previous page. It includes the page and the order, so do not send `page` or another `sort` with it.',
      example: CURSOR,
    },
    include: {
      description:
        'The figures of each job to add, separated by commas. Requires a verified domain. `applications` requires that the platform counts applications.',
      example: ['visitors'],
    },
    ...windowTexts('Requires `include`.'),
    format: formatText('one row per job of the page; the `Link` header leads to the next page'),
  },
  response: {
    name: 'JobListResponse',
    schema: jobListResponse,
    description: 'One page of jobs.',
    examples: {
      withVisitors: { summary: 'With visitors', value: withVisitors },
      topJobs: { summary: 'The most visited job, with its applications', value: topJobs },
      onePage: { summary: 'Without visitors', value: onePage },
    },
  },
  csv: `id,title,slug,status,url,created_at,expires_at\r\n${job.id},"${job.title}",${job.slug},${job.status},${job.url},${job.created_at},\r\n`,
  schemas: { Job: listedJob },
  kind: 'list',
  errors: FIGURES_ERRORS,
  hasLinks: true,
}
