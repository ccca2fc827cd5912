// The TypeScript samples of the operations that the client has a call for, by the ID of the operation.

const START = `import { AnalyticsClient } from 'job-analytics-client'

const client = new AnalyticsClient({
  baseUrl: 'https://analytics.example.com',
  apiKey: process.env['ANALYTICS_API_KEY'],
})
`

/** Whole programs. An operation that is not here has a sample with `fetch`. */
export const CLIENT_SAMPLES: Readonly<Record<string, string>> = {
  getJobVisitors: `${START}
const jobIds = ['3f0c1f6e-2c7b-4d0e-9a55-0b6f3a1c9d42', '8d5e2b14-77aa-4a0f-8f4c-5c1e6f0a2b93']
const visitors = await client.jobVisitors(jobIds, { period: '30d' })
for (const [jobId, count] of visitors) console.log(jobId, count)`,

  getSiteAnalytics: `${START}
const { data } = await client.siteAnalytics({
  period: '30d',
  metrics: ['visitors', 'pageviews'],
  groupBy: 'source',
  limit: 10,
})
console.log(data.totals.visitors)
for (const group of data.groups ?? []) console.log(group.value, group.visitors)`,

  getUsage: `${START}
const { data } = await client.usage({ days: 7 })
console.log(data.today.requests)`,

  listJobs: `${START}
for await (const job of client.jobs({ status: 'active', include: ['visitors'], period: '30d' })) {
  console.log(job.title, job.visitors)
}`,
}
