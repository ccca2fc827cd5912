// The client in the Workers runtime.

import { describe, expect, it } from 'vitest'
import { AnalyticsClient, AnalyticsError } from '../../packages/client/src/index.ts'
import { bindings, createApi, organizations } from '../support/api.ts'

const [organization] = organizations
const apiKey = organization?.apiKey ?? ''
const jobIds = organization?.jobs.map(({ id }) => id) ?? []

describe('client in a Worker', () => {
  it('more than 100 jobs: returns the visitors of each', async () => {
    const api = createApi({ RATE_LIMIT_REQUESTS: '100000' })
    const client = new AnalyticsClient({
      baseUrl: 'https://api.test',
      apiKey,
      fetch: (input, init) => {
        const request = new Request(input, init)
        const { pathname, search } = new URL(request.url)
        return api.start(pathname + search, request).responded
      },
    })
    const visitors = await client.jobVisitors(jobIds)
    expect(jobIds.length).toBeGreaterThan(100)
    expect([...visitors.keys()]).toEqual(jobIds)
    expect([...visitors.values()].some((count) => count > 0)).toBe(true)
  })

  it('usage: returns the counts of the key', async () => {
    const api = createApi()
    const client = new AnalyticsClient({
      baseUrl: 'https://api.test',
      apiKey,
      fetch: (input, init) => {
        const request = new Request(input, init)
        const { pathname, search } = new URL(request.url)
        return api.start(pathname + search, request).responded
      },
    })
    const { data, meta } = await client.usage({ days: 2 })
    expect(data.days.map(({ date }) => date)).toEqual([meta.from, meta.to])
  })

  it('the platform’s own `fetch`: is used, and a response of another server is an error', async () => {
    const client = new AnalyticsClient({ baseUrl: String(bindings['PLAUSIBLE_URL']), apiKey })
    const error = await client.jobVisitors(jobIds.slice(0, 1)).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(AnalyticsError)
    expect(error).toMatchObject({ code: 'unexpected_response', status: 404 })
  })
})
