// Rows for a dashboard: every active job with its visitors, the most visited first.
//   npm run example -- dashboard [7d|30d|6mo|12mo]

import { AnalyticsClient, type Job, PERIODS } from 'job-analytics-client'
import { choice } from './choice.ts'
import { connection } from './connection.ts'

const period = choice(PERIODS, '30d')
const client = new AnalyticsClient(await connection())

const jobs: Job[] = []
for await (const job of client.jobs({ status: 'active' })) jobs.push(job)

const visitors = await client.jobVisitors(
  jobs.map(({ id }) => id),
  {
    period,
    onProgress({ done, total, waitingUntil }) {
      const wait = waitingUntil ? `, waiting until ${waitingUntil.toLocaleTimeString()}` : ''
      console.error(`${done} of ${total} jobs${wait}`)
    },
  },
)

const rows = jobs
  .map(({ id, title }) => ({ title, visitors: visitors.get(id) ?? 0 }))
  .toSorted((a, b) => b.visitors - a.visitors)
for (const row of rows) console.log(`${String(row.visitors).padStart(8)}  ${row.title}`)
