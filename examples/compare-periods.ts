// Which jobs are on the rise: the last 7 days against the last 30, as visitors a day.
//   npm run example -- compare-periods

import { AnalyticsClient, type Job } from 'job-analytics-api/client'
import { connection } from './connection.ts'

/** Changes smaller than this, in percent, are no trend. */
const STEADY_PERCENT = 10

const client = new AnalyticsClient(await connection())

const jobs: Job[] = []
for await (const job of client.jobs({ status: 'active' })) jobs.push(job)

const ids = jobs.map(({ id }) => id)
const [week, month] = await Promise.all([
  client.jobVisitors(ids, { period: '7d' }),
  client.jobVisitors(ids, { period: '30d' }),
])

console.log('    7d/day   30d/day   trend  job')
for (const { id, title } of jobs) {
  const weekly = (week.get(id) ?? 0) / 7
  const monthly = (month.get(id) ?? 0) / 30
  console.log(`${column(weekly)}${column(monthly)}${trend(weekly, monthly).padStart(8)}  ${title}`)
}

function column(perDay: number): string {
  return perDay.toFixed(1).padStart(10)
}

function trend(weekly: number, monthly: number): string {
  if (monthly === 0) return weekly === 0 ? '–' : 'new'
  const percent = Math.round((weekly / monthly - 1) * 100)
  const arrow = Math.abs(percent) < STEADY_PERCENT ? '→' : percent > 0 ? '↑' : '↓'
  return `${arrow} ${Math.abs(percent)}%`
}
