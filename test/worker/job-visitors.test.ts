import { describe, expect, it } from 'vitest'
import { createApiKey, hashApiKey } from '../../src/keys/api-key.ts'
import type { Services } from '../../src/services.ts'
import { bindings, createApi, demo, jobsPath, organizations, withKey } from '../support/api.ts'
import {
  apiKeySecret,
  asOwner,
  countByHand,
  createOrganization,
  issueKey,
  pathsOfJobs,
  queriesOf,
  storeVisits,
} from '../support/database.ts'
import { periodOf } from '../support/hand-count.ts'

const [acme, other, unverified] = organizations
if (!acme || !other || !unverified) throw new Error('The demo has three organizations')
const api = createApi({ RATE_LIMIT_REQUESTS: '100000' })
const ids = acme.jobs.map(({ id }) => id)
const [first = '', second = ''] = ids
const DAY = 86_400

/** Everything that must never be in a response or a log line. */
const secrets = [
  ...organizations.map(({ apiKey }) => apiKey),
  ...(await Promise.all(organizations.map(({ apiKey }) => hashApiKey(apiKey)))),
  bindings['DATABASE_URL'],
  bindings['UPSTASH_REDIS_REST_TOKEN'],
  bindings['PLAUSIBLE_API_KEY'],
  bindings['API_KEY_SECRET'],
  demo.stores.databaseUrl,
]

async function ask(path: string, key = acme?.apiKey ?? '') {
  const response = await api.call(path, withKey(key))
  const all = response.text + JSON.stringify([...response.headers]) + JSON.stringify(response.log)
  for (const secret of secrets) expect(all).not.toContain(secret)
  return response
}

async function expectError(path: string, status: number, code: string, key?: string) {
  const response = await ask(path, key)
  expect(response.json).toMatchObject({
    error: { code, message: expect.any(String), docs: expect.any(String) },
  })
  expect(response.status).toBe(status)
  return response
}

describe('GET /analytics/jobs', () => {
  it.each(['7d', '30d', '6mo', '12mo'])('counts %s as SQL over the visits does', async (period) => {
    const asked = ids.slice(0, 100)
    const response = await ask(jobsPath(asked, period))
    expect(response.status).toBe(200)
    const { from, until, date, lastDate } = await periodOf(acme.domain, period)
    const ranges = (await queriesOf(acme.domain)).map((query) => query['date_range'])
    expect(ranges).toContainEqual([date, lastDate])

    const paths = await pathsOfJobs(acme.id)
    const rows = await countByHand(
      `select pathname, count(distinct visitor) as visitors from visits
       where domain = '${acme.domain}' and timestamp >= ${from} and timestamp < ${until} group by pathname`,
    )
    const counted = new Map(rows.map((row) => [row['pathname'], Number(row['visitors'])]))
    const sumOf = (id: string) =>
      (paths.get(id) ?? []).reduce((sum, path) => sum + (counted.get(path) ?? 0), 0)
    expect(response.json).toEqual({
      data: { visitors: Object.fromEntries(asked.map((id) => [id, sumOf(id)])) },
      meta: { period, total_jobs: 100 },
    })
    expect(rows.length).toBeGreaterThan(50)
  })

  it('takes 30d when no period is given', async () => {
    const response = await ask(jobsPath([first]))
    expect(response.json).toEqual((await ask(jobsPath([first], '30d'))).json)
  })

  it('returns 0 for a job that nobody visited', async () => {
    const { id, domain, jobIds } = await createOrganization(2)
    const [visited, quiet] = jobIds
    const yesterday = Math.floor(Date.now() / 1_000) - DAY
    const timestamp = new Date(yesterday * 1_000).toISOString()
    await storeVisits([{ timestamp, domain, name: 'pageview', pathname: '/jobs/1', visitor: 'a' }])
    const response = await ask(jobsPath(jobIds, '7d'), await issueKey(id))
    expect(response.json).toMatchObject({ data: { visitors: { [visited ?? '']: 1, [quiet ?? '']: 0 } } })
  })

  it('keeps the spelling of the caller and counts a job once', async () => {
    const search = `jobIds=${first.toUpperCase()}, ${second} ,${first}&jobIds=${second.toUpperCase()}`
    const response = await ask(`/analytics/jobs?${search}`)
    expect(response.json).toMatchObject({ meta: { total_jobs: 2 } })
    const { data } = response.json as { data: { visitors: object } }
    expect(Object.keys(data.visitors)).toEqual([first.toUpperCase(), second])
  })

  it('asks the store in one query that its grammar allows', async () => {
    const { id, domain, jobIds } = await createOrganization(3)
    await storeVisits([
      { timestamp: '2020-01-01T00:00:00Z', domain, name: 'pageview', pathname: '/', visitor: 'a' },
    ])
    await ask(jobsPath(jobIds, '6mo'), await issueKey(id))
    const { date, lastDate } = await periodOf(domain, '6mo')
    expect(await queriesOf(domain)).toEqual([
      {
        site_id: domain,
        metrics: ['visitors'],
        date_range: [date, lastDate],
        dimensions: ['event:page'],
        filters: [['is', 'event:page', ['/jobs/1', '/jobs/2', '/jobs/3']]],
      },
    ])
  })

  it('counts by a property of the tracker when told to', async () => {
    const byProperty = createApi({
      ANALYTICS_JOB_DIMENSION: 'event:props:job_id',
      RATE_LIMIT_REQUESTS: '100000',
    })
    const response = await byProperty.call(jobsPath(ids.slice(0, 20), '12mo'), withKey(acme.apiKey))
    const { from, until } = await periodOf(acme.domain, '12mo')
    const rows = await countByHand(
      `select json_extract(props, '$.job_id') as job, count(distinct visitor) as visitors from visits
       where domain = '${acme.domain}' and timestamp >= ${from} and timestamp < ${until} group by job`,
    )
    const counted = new Map(rows.map((row) => [row['job'], row['visitors']]))
    const visitors = Object.fromEntries(ids.slice(0, 20).map((id) => [id, counted.get(id) ?? 0]))
    expect(response.json).toMatchObject({ data: { visitors } })
  })

  it('writes one log line with the timing of each hop', async () => {
    const response = await ask(jobsPath([first]))
    expect(response.log).toEqual([
      expect.objectContaining({
        event: 'request',
        request_id: response.headers.get('x-request-id'),
        route: '/analytics/jobs',
        status: 200,
        organization_id: acme.id,
        redis_ms: expect.any(Number),
        postgres_ms: expect.any(Number),
      }),
    ])
    expect(response.headers.get('server-timing')).toMatch(
      /postgres;dur=\d+, redis;dur=\d+.*, total;dur=\d+|redis;dur/,
    )
  })

  it('notes the use of a key, once a minute', async () => {
    const key = await issueKey(acme.id)
    const read = async () => {
      const hash = await hashApiKey(key)
      const [row] = await asOwner(
        `select last_used_at::text as at from api_keys where hash = decode($1, 'hex')`,
        [hash],
      )
      return row?.['at']
    }
    expect(await read()).toBeNull()
    await ask(jobsPath([first]), key)
    const used = await read()
    expect(used).toEqual(expect.any(String))
    await ask(jobsPath([first]), key)
    expect(await read()).toBe(used)
  })
})

describe('a wrong parameter is a 400 that names it', () => {
  it.each([
    ['', 'jobIds'],
    ['jobIds=', 'jobIds'],
    ['jobIds=%20', 'jobIds'],
    [`jobIds=${first},`, 'jobIds'],
    ['jobIds=not-a-uuid', 'jobIds'],
    [`jobIds=${first}x`, 'jobIds'],
    [`jobIds={${first}}`, 'jobIds'],
    [`jobIds=${first}&period=1d`, 'period'],
    [`jobIds=${first}&period=`, 'period'],
    [`jobIds=${first}&period=7D`, 'period'],
    [`jobIds=${first}&period=7d&period=7d`, 'period'],
    [`jobIds=${first}&period=7d&period=30d`, 'period'],
  ])('%s', async (search, parameter) => {
    const response = await expectError(`/analytics/jobs?${search}`, 400, 'invalid_request')
    expect(response.json).toMatchObject({ error: { details: [{ parameter, message: expect.any(String) }] } })
    expect(response.headers.get('ratelimit')).toBeNull()
  })

  it('101 jobs are too many, 100 are not, however often one is repeated', async () => {
    const many = Array.from({ length: 101 }, () => crypto.randomUUID())
    await expectError(jobsPath(many), 400, 'invalid_request')
    const response = await ask(jobsPath([...ids.slice(0, 100), ...ids.slice(0, 50)]))
    expect(response.json).toMatchObject({ meta: { total_jobs: 100 } })
  })

  it('names every one of several', async () => {
    const response = await expectError('/analytics/jobs?jobIds=a,b&period=x', 400, 'invalid_request')
    const { details } = (response.json as { error: { details: { parameter: string }[] } }).error
    expect(details.map(({ parameter }) => parameter)).toEqual(['jobIds', 'jobIds', 'period'])
  })
})

describe('who may not ask', () => {
  it('sends no key', async () => {
    const response = await api.call(jobsPath([first]))
    expect(response.status).toBe(401)
    expect(response.json).toMatchObject({ error: { code: 'missing_api_key' } })
    expect(response.headers.get('www-authenticate')).toBe('ApiKey header="x-api-key"')
  })

  it('gets one and the same response for a malformed, forged, unknown, revoked or expired key', async () => {
    const keys = [
      'nonsense',
      `${acme.apiKey.slice(0, -1)}${acme.apiKey.endsWith('A') ? 'B' : 'A'}`,
      await createApiKey(apiKeySecret),
      await issueKey(acme.id, { revokedAt: '2026-01-01T00:00:00Z' }),
      await issueKey(acme.id, { expiresAt: '2026-01-01T00:00:00Z' }),
    ]
    const responses = await Promise.all(
      keys.map((key) => expectError(jobsPath([first]), 401, 'invalid_api_key', key)),
    )
    const shapes = responses.map(({ text, headers }) => {
      const id = headers.get('x-request-id') ?? 'none'
      return `${text}${JSON.stringify([...headers])}`.replaceAll(id, 'ID')
    })
    expect(new Set(shapes).size).toBe(1)
  })

  it('gets the same response for a foreign and for an unknown job', async () => {
    const foreign = other.jobs[0]?.id ?? ''
    const unknown = crypto.randomUUID()
    const responses = await Promise.all(
      [foreign, unknown].map(async (id) => {
        const response = await expectError(jobsPath([first, id]), 403, 'job_access_denied')
        expect(response.json).toMatchObject({ error: { job_ids: [id] } })
        return response.text
          .replaceAll(id, 'JOB')
          .replaceAll(response.headers.get('x-request-id') ?? '', 'ID')
      }),
    )
    expect(responses[0]).toBe(responses[1])
  })

  it('has no verified domain, and learns of no job', async () => {
    const response = await expectError(
      jobsPath([unverified.jobs[0]?.id ?? '', first]),
      403,
      'domain_not_verified',
      unverified.apiKey,
    )
    expect(response.text).not.toContain(first)
  })

  it('is told its limits all the same', async () => {
    const response = await expectError(jobsPath([crypto.randomUUID()]), 403, 'job_access_denied')
    expect(response.headers.get('ratelimit')).toMatch(/^"rate";r=\d+;t=\d+, "concurrency";r=\d+$/)
  })
})

describe('other addresses and methods', () => {
  it('an unknown address is a 404', async () => {
    await expectError('/analytics', 404, 'not_found')
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s is a 405 that names what is allowed', async (method) => {
    const response = await api.call('/analytics/jobs', { method, ...withKey(acme.apiKey) })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toContain('GET')
    expect(response.json).toMatchObject({ error: { code: 'method_not_allowed' } })
  })

  it('HEAD has the status and the headers of GET and no body', async () => {
    const response = await api.call(jobsPath([first]), { method: 'HEAD', ...withKey(acme.apiKey) })
    expect(response.status).toBe(200)
    expect(response.text).toBe('')
    expect(response.headers.get('etag')).toMatch(/^W\/".+"$/)
  })
})

describe('the form of a response', () => {
  it('is a problem document when the caller wants one', async () => {
    const init = withKey(acme.apiKey, { accept: 'application/problem+json' })
    const response = await api.call('/analytics/jobs', init)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(response.json).toMatchObject({
      type: 'https://api.test/docs/errors#invalid_request',
      title: expect.any(String),
      status: 400,
      code: 'invalid_request',
      request_id: response.headers.get('x-request-id'),
      details: [{ parameter: 'jobIds' }],
    })
  })

  it('is a 304 without a body when the caller has it already', async () => {
    const response = await ask(jobsPath([first]))
    const etag = response.headers.get('etag') ?? ''
    const again = await api.call(
      jobsPath([first]),
      withKey(acme.apiKey, { 'if-none-match': `"x", ${etag.replace('W/', '')}` }),
    )
    expect(again.status).toBe(304)
    expect(again.text).toBe('')
    expect(again.headers.get('etag')).toBe(etag)
    expect(again.headers.get('ratelimit')).toMatch(/^"rate"/)
    const changed = await api.call(jobsPath([first, second]), withKey(acme.apiKey, { 'if-none-match': etag }))
    expect(changed.status).toBe(200)
  })

  it('is a fixed sentence when the code fails, and the log says where', async () => {
    const directory: Services['directory'] = {
      ...api.services.directory,
      findJobPaths() {
        throw new Error('secret-detail')
      },
    }
    const broken = createApi({}, { directory })
    const response = await broken.call(jobsPath([first]), withKey(await issueKey(acme.id)))
    expect(response.status).toBe(500)
    expect(response.json).toMatchObject({ error: { code: 'internal_error' } })
    expect(response.log).toEqual([
      expect.objectContaining({ error: 'Error', stack: expect.stringContaining('at ') }),
    ])
    expect(response.text + JSON.stringify(response.log)).not.toContain('secret-detail')
  })
})
