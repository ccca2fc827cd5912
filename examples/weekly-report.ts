// The week on one page: all active jobs together and the ten most visited jobs, as Markdown or CSV.
//   npm run example -- weekly-report [markdown|csv]

import { AnalyticsClient, type Job } from 'job-analytics-client'
import { choice } from './choice.ts'
import { connection } from './connection.ts'

interface Row {
  title: string
  url: string
  visitors: number
}

const format = choice(['markdown', 'csv'], 'markdown') === 'csv' ? csv : markdown

const client = new AnalyticsClient(await connection())

const jobs: Job[] = []
for await (const job of client.jobs({ status: 'active' })) jobs.push(job)

const ids = jobs.map(({ id }) => id)
const visitors = await client.jobVisitors(ids, { period: '7d' })

// A person who visits two jobs counts for both, so this is not a number of people.
const total = visitors.values().reduce((sum, count) => sum + count, 0)
const topTen = jobs
  .map(({ id, title, url }) => ({ title, url: url ?? '', visitors: visitors.get(id) ?? 0 }))
  .toSorted((a, b) => b.visitors - a.visitors)
  .slice(0, 10)

console.log(format(topTen, total))

function markdown(rows: Row[], total: number): string {
  const cell = (text: string) => text.replaceAll(/[\\|[\]]/g, '\\$&')
  return [
    '# Visitors of the last 7 days',
    '',
    `**${total}** visitors on ${jobs.length} active jobs.`,
    '',
    '| | Job | Visitors |',
    '|---:|---|---:|',
    ...rows.map(({ title, url, visitors }, index) => {
      return `| ${index + 1} | [${cell(title)}](${url}) | ${visitors} |`
    }),
  ].join('\n')
}

/** RFC 4180. A cell that begins like a formula is marked as text for spreadsheets. */
function csv(rows: Row[], total: number): string {
  const cell = (text: string) => `"${text.replace(/^[=+\-@]/, "'$&").replaceAll('"', '""')}"`
  return [
    'job,url,visitors',
    ...rows.map(({ title, url, visitors }) => `${cell(title)},${cell(url)},${visitors}`),
    `"All active jobs","",${total}`,
  ].join('\r\n')
}
