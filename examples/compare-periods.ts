// Which jobs are on the rise: the last 7 days against the 7 days before, as daily visitors added up.
//   npm run example -- compare-periods

import { AnalyticsClient, type Job } from 'job-analytics-client'
import { connection } from './connection.ts'

const DAYS = 7
/** Changes smaller than this, in percent, are no trend. */
const STEADY_PERCENT = 10

if (process.argv.length > 2) {
  console.error('compare-periods takes no parameters.')
  process.exit(1)
}
const client = new AnalyticsClient(await connection())

const active: Job[] = []
for await (const job of client.jobs({ status: 'active' })) active.push(job)

const ids = active.map(({ id }) => id)
const { jobs } = await client.jobAnalytics(ids, { period: '30d', interval: 'day' })

console.log(' last 7d  7d before   trend  job')
for (const { id, title } of active) {
  const days = jobs.get(id)?.series?.map(({ visitors }) => visitors) ?? []
  const latest = sum(days.slice(-DAYS))
  const earlier = sum(days.slice(-2 * DAYS, -DAYS))
  console.log(
    `${String(latest).padStart(8)}${String(earlier).padStart(11)}${trend(latest, earlier).padStart(8)}  ${title}`,
  )
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}

function trend(latest: number, earlier: number): string {
  if (earlier === 0) return latest === 0 ? '–' : 'new'
  const percent = Math.round((latest / earlier - 1) * 100)
  const arrow = Math.abs(percent) < STEADY_PERCENT ? '→' : percent > 0 ? '↑' : '↓'
  return `${arrow} ${Math.abs(percent)}%`
}
