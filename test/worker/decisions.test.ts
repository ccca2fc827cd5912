import { describe, expect, it } from 'vitest'
import type { Directory } from '../../src/directory/directory.ts'
import { createApiKey, hashApiKey } from '../../src/keys/api-key.ts'
import { StoreError } from '../../src/stores/store-error.ts'
import { createApi, jobsPath, withKey } from '../support/api.ts'
import { apiKeySecret } from '../support/database.ts'
import { memoryDirectory, memorySharedState, memoryStore } from '../support/fakes.ts'

const limits = { requests: 1, windowSeconds: 60, concurrent: 10 }
const cache = { freshSeconds: 300, staleSeconds: 3_600, staleIfErrorSeconds: 86_400 }
const job = {
  id: crypto.randomUUID(),
  paths: ['/jobs/a'] as const,
  title: 'A',
  slug: 'a',
  status: 'active' as const,
  createdAt: '2026-01-01T00:00:00.000000Z',
  expiresAt: null,
}

/** An API over ports in memory: one organization with one job; its limit is one request. */
async function createMemoryApi({ isVerified = true } = {}) {
  const key = await createApiKey(apiKeySecret)
  const domain = isVerified ? 'jobs.example' : undefined
  const keyHash = await hashApiKey(key)
  const organization = {
    ...{ id: '1', keyId: 'k', domain, siteName: undefined, timeZone: 'UTC' },
    ...{ keyHash, jobs: [job] },
  }
  const store = memoryStore({ 'jobs.example': { '/jobs/a': 42 } })
  const shared = memorySharedState({ limits, cache })
  const services = { directory: memoryDirectory([organization]), shared, store, limits, cache }
  return { api: createApi({}, services), key, services }
}

const fail = () => Promise.reject(new StoreError('timeout'))
const unavailable: Directory = {
  findJobPaths: fail,
  findSiteJobs: fail,
  rankJobs: fail,
  listJobs: fail,
}

describe('the order of decisions', () => {
  it('responds when nothing is in the way', async () => {
    const { api, key, services } = await createMemoryApi()
    const { json } = await api.call(jobsPath([job.id]), withKey(key))
    expect(json).toEqual({ data: { visitors: { [job.id]: 42 } }, meta: { period: '30d', total_jobs: 1 } })
    expect(services.store.queries).toHaveLength(1)
  })

  it('a database that is unavailable comes before a limit that is reached', async () => {
    const { api, key, services } = await createMemoryApi()
    await api.call(jobsPath([job.id]), withKey(key))
    const other = createApi({}, { ...services, directory: unavailable })
    expect((await other.call(jobsPath([job.id]), withKey(key))).status).toBe(503)
  })

  it('an unknown key comes before a limit that is reached', async () => {
    const { services } = await createMemoryApi()
    const stranger = await createApiKey(apiKeySecret)
    for (let i = 0; i < 2; i++) {
      // An isolate of its own each time, that remembers no exhausted keys.
      const response = await createApi({}, services).call(jobsPath([job.id]), withKey(stranger))
      expect(response.json).toMatchObject({ error: { code: 'invalid_api_key' } })
    }
  })

  it('a limit that is reached comes before an unverified domain and foreign jobs', async () => {
    const { services, key } = await createMemoryApi({ isVerified: false })
    const statuses = []
    for (let i = 0; i < 2; i++) {
      const response = await createApi({}, services).call(jobsPath([crypto.randomUUID()]), withKey(key))
      statuses.push([response.status, (response.json as { error: { code: string } }).error.code])
    }
    expect(statuses).toEqual([
      [403, 'domain_not_verified'],
      [429, 'rate_limited'],
    ])
  })

  it('a missing key comes before wrong parameters, and those before everything else', async () => {
    const { api, key, services } = await createMemoryApi()
    expect((await api.call('/analytics/jobs')).status).toBe(401)
    const other = createApi({}, { ...services, directory: unavailable })
    expect((await other.call('/analytics/jobs', withKey(key))).status).toBe(400)
  })
})
