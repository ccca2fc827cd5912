// Organizations whose site has another name in the analytics store than their domain.

import { describe, expect, it } from 'vitest'
import type { JobListResponse } from '../../src/endpoints/job-list/response.ts'
import type { JobVisitorsResponse } from '../../src/endpoints/job-visitors/response.ts'
import type { SiteAnalyticsResponse } from '../../src/endpoints/site-analytics/response.ts'
import { createApi, jobsPath, withKey } from '../support/api.ts'
import { asOwner, createOrganization, issueKey, putSite, storeVisits } from '../support/database.ts'

const api = createApi()
const timestamp = new Date(Date.now() - 86_400_000).toISOString()

/** The organization's site has this name in the store, and one visitor. A site with the domain's name has another five. */
async function createNamedSite(siteName: string) {
  const organization = await createOrganization(1)
  const name = siteName.replace('ID', organization.id)
  await putSite(name, 'UTC')
  await asOwner('update organizations set site_name = $2 where id = $1', [organization.id, name])
  const visit = (domain: string, visitor: string) => ({
    ...{ timestamp, domain, name: 'pageview', pathname: '/jobs/1', visitor },
  })
  await storeVisits([
    visit(name, 'a'),
    ...['a', 'b', 'c', 'd', 'e'].map((visitor) => visit(organization.domain, visitor)),
  ])
  return { ...organization, name, key: await issueKey(organization.id) }
}

describe('a site name', () => {
  it.each(['bücher-ID.example', 'shared-ID.example/jobs', '求人-ID.example/ポジション'])(
    '%s: is queried on every endpoint, while addresses of jobs have the domain',
    async (siteName) => {
      const { domain, jobIds, key } = await createNamedSite(siteName)
      const [job = ''] = jobIds
      const get = async (path: string) => {
        const response = await api.call(path, withKey(key))
        expect(response.status, response.text).toBe(200)
        return response.json
      }
      const { data } = (await get(jobsPath([job]))) as JobVisitorsResponse
      expect(data.visitors).toEqual({ [job]: 1 })
      const site = (await get('/analytics/site?group_by=job')) as SiteAnalyticsResponse
      expect(site.data.totals).toEqual({ visitors: 1 })
      expect(site.data.groups).toMatchObject([{ visitors: 1, url: `https://${domain}/jobs/1` }])
      for (const sort of ['title', '-visitors']) {
        const list = (await get(`/jobs?include=visitors&sort=${sort}`)) as JobListResponse
        expect(list.data).toMatchObject([{ visitors: 1, url: `https://${domain}/jobs/1` }])
      }
    },
  )

  it('that changes: figures of the other site are not served from the cache', async () => {
    const { id, domain, jobIds, key } = await createNamedSite('before-ID.example/jobs')
    const [job = ''] = jobIds
    const visitors = async () => {
      const response = await api.call(jobsPath([job]), withKey(key))
      return (response.json as JobVisitorsResponse).data.visitors[job]
    }
    expect(await visitors()).toBe(1)
    await asOwner('update organizations set site_name = null where id = $1', [id])
    expect(await visitors()).toBe(5)
    expect(domain).not.toContain('/')
  })

  it('of an organization whose domain is not verified: gives access to nothing', async () => {
    const { id, jobIds, key } = await createNamedSite('unverified-ID.example/jobs')
    await asOwner('update organizations set domain_verified_at = null where id = $1', [id])
    const response = await api.call(jobsPath(jobIds), withKey(key))
    expect(response.json).toMatchObject({ error: { code: 'domain_not_verified' } })
  })
})
