// Rows for a dashboard: every active job with its visitors, the most visited first.
//   npm run example -- dashboard [7d|30d|6mo|12mo]

import { AnalyticsClient, type Job, type Period } from 'job-analytics-api/client'
import { connection } from './connection.ts'

const periods: Period[] = ['7d', '30d', '6mo', '12mo']
const period = periods.find((name) => name === process.argv[2]) ?? '30d'

const client = new AnalyticsClient(await connection())

const jobs: Job[] = []
for await (const job of client.jobs({ status: 'active' })) jobs.push(job)

const visitors = await client.jobVisitors(
  jobs.map(({ id }) => id),
  { period, onProgress: ({ done, total }) => console.error(`${done} of ${total} jobs`) },
)

const rows = jobs
  .map(({ id, title }) => ({ title, visitors: visitors.get(id) ?? 0 }))
  .toSorted((a, b) => b.visitors - a.visitors)
for (const row of rows) console.log(`${String(row.visitors).padStart(8)}  ${row.title}`)
