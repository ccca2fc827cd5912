// Filters of GET /analytics/site by names such as a source or a device: they match in upper or lower case.

import { beforeAll, describe, expect, it } from 'vitest'
import type { SiteAnalyticsResponse } from '../../src/endpoints/site-analytics/response.ts'
import { createApi, withKey } from '../support/api.ts'
import { createOrganization, issueKey, queriesOf, storeVisits } from '../support/database.ts'

const api = createApi({
  RATE_LIMIT_REQUESTS: '100000',
  CONCURRENCY_LIMIT: '100',
  ANALYTICS_QUERIES_PER_HOUR: '0',
})
const { id, domain } = await createOrganization(0)
const key = await issueKey(id)

/** Six visitors of yesterday. */
const VISITS = [
  { source: 'Google', channel: 'Organic Search', device: 'Mobile', browser: 'Safari', os: 'iOS' },
  { source: 'Google', channel: 'Paid Search', device: 'Desktop', browser: 'Microsoft Edge', os: 'Windows' },
  { source: 'LinkedIn', channel: 'Organic Social', device: 'Desktop', browser: 'Firefox', os: 'GNU/Linux' },
  { utm_source: 'Newsletter', utm_medium: 'E-Mail', utm_campaign: 'Été 2026', device: 'Tablet' },
  { utm_source: 'newsletter', utm_medium: 'email', utm_campaign: 'Spring', device: 'Mobile' },
  { device: 'Desktop', pathname: '/Jobs/A' },
]

beforeAll(async () => {
  const timestamp = new Date(Date.now() - 86_400_000).toISOString()
  await storeVisits(
    VISITS.map((visit, n) => ({
      ...{
        domain,
        timestamp,
        name: 'pageview',
        pathname: '/jobs/a',
        visitor: `visitor ${n}`,
        channel: 'Direct',
      },
      ...visit,
    })),
  )
})

async function figures(filter: Record<string, string>) {
  const search = new URLSearchParams({ period: '7d', ...filter })
  const response = await api.call(`/analytics/site?${search}`, withKey(key))
  expect(response.status, response.text).toBe(200)
  const { data, meta } = response.json as SiteAnalyticsResponse
  return { visitors: data.totals.visitors, filters: meta.filters }
}

describe('site filters', () => {
  it.each([
    ['source', 'google', 2],
    ['source', 'GOOGLE,linkedin', 3],
    ['source!', 'google', 4],
    ['source', 'goo*', 2],
    ['source', '*IN', 1],
    ['source', 'direct / none', 3],
    ['source', 'DIRECT / NONE,google', 5],
    ['channel', 'paid search', 1],
    ['device', 'mobile', 2],
    ['device', 'desktop,TABLET', 4],
    ['device!', 'desktop', 3],
    ['browser', 'microsoft edge', 1],
    ['os', 'ios', 1],
    ['os', 'gnu/linux', 1],
    ['utm_source', 'NewsLetter', 2],
    ['utm_medium', 'e-mail', 1],
    ['utm_campaign', 'spring', 1],
    ['utm_campaign', 'Été 2026', 1],
    ['utm_campaign', 'été 2026', 1],
    ['utm_campaign', 'ÉTÉ 2026,SPRING', 2],
    ['page', '/jobs/a', 5],
    ['page', '/Jobs/A', 1],
    ['page', '/Jobs/*', 1],
  ])('count the visitors whose %s is %j', async (parameter, value, visitors) => {
    expect((await figures({ [parameter]: value })).visitors).toBe(visitors)
  })

  it('are repeated in `meta.filters` as the caller wrote them', async () => {
    const { filters } = await figures({ device: 'mobile,TABLET', source: 'direct / none' })
    expect(filters).toEqual([
      { dimension: 'source', operator: 'is', values: ['direct / none'] },
      { dimension: 'device', operator: 'is', values: ['mobile', 'TABLET'] },
    ])
  })

  it('compare paths and codes as they are', async () => {
    await figures({ page: '/only/here', country: 'FR' })
    const filters = (await queriesOf(domain)).at(-1)?.['filters']
    expect(filters).toEqual([
      ['is', 'event:page', ['/only/here']],
      ['is', 'visit:country', ['FR']],
    ])
  })
})
