// A rehearsal of production: the very Worker that would be deployed, with settings of production's shape, and no host but its services.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Stack, startStack } from '../../local/stack.ts'
import { AnalyticsClient } from '../../packages/client/src/index.ts'
import { buildWorker } from '../setup/deployment/built-worker.ts'
import {
  type DeployedWorker,
  type RunningWorker,
  runDeployedWorker,
} from '../setup/deployment/deployed-worker.ts'
import { interceptOutbound, type OutboundRecord } from '../setup/deployment/outbound-interceptor.ts'
import { NEON_HOSTS, productionOver } from '../setup/deployment/production-services.ts'

const run = promisify(execFile)
const SMOKE = join(import.meta.dirname, '..', '..', 'scripts', 'smoke.ts')
const folder = await mkdtemp(join(tmpdir(), 'job-analytics-rehearsal-'))
let stack: Stack
let built: DeployedWorker

beforeAll(async () => {
  ;[stack, built] = await Promise.all([startStack({ environment: {} }), buildWorker('production', folder)])
})

afterAll(async () => {
  await stack?.close()
  await rm(folder, { recursive: true })
})

/** Starts the Worker with production's settings, some of them replaced. */
async function rehearse(neonHost: string, replaced: Record<string, string> = {}) {
  const { bindings, services, secrets } = productionOver(stack, neonHost)
  const { record, handle } = interceptOutbound(services, secrets)
  const worker = await runDeployedWorker(
    { ...built, bindings: { ...built.bindings, ...bindings, ...replaced } },
    { outbound: handle },
  )
  return { worker, record }
}

function organization(index: number) {
  const found = stack.demo?.organizations[index]
  if (found === undefined) throw new Error('The demo has three organizations')
  return found
}

describe.each(NEON_HOSTS)('production with its database at %s', (neonHost) => {
  let worker: RunningWorker
  let record: OutboundRecord

  beforeAll(async () => {
    ;({ worker, record } = await rehearse(neonHost))
  })
  afterAll(() => worker?.close())
  afterEach(() => {
    expect(record.violations).toEqual([])
    record.requests.length = 0
  })

  it('GET /ready: reaches all three stores', async () => {
    const response = await fetch(`${worker.url}/ready`)
    expect(await response.json()).toEqual({
      status: 'ready',
      stores: { database: 'ok', redis: 'ok', analytics: 'ok' },
    })
    expect([...record.requests].sort()).toEqual([
      'POST api.us-east-2.aws.neon.tech/sql',
      'POST eu1-decent-hawk-12345.upstash.io/pipeline',
      'POST plausible.io/api/v2/query',
    ])
  })

  it('npm run smoke: passes', async () => {
    const { apiKey, jobs } = organization(0)
    const env = { ...process.env, SMOKE_API_KEY: apiKey }
    const { stdout } = await run(process.execPath, [SMOKE, worker.url, '--job', jobs[0]?.id ?? ''], { env })
    expect(stdout).toMatch(/\nAll checks passed\n$/)
    expect(stdout).not.toContain(apiKey)
  })

  it('the client: reads figures of jobs, lists of jobs and figures of the site', async () => {
    const { apiKey, jobs, domain } = organization(1)
    const client = new AnalyticsClient({ baseUrl: worker.url, apiKey })
    const ids = jobs.map(({ id }) => id)
    const visitors = await client.jobVisitors(ids, { period: '12mo' })
    expect([...visitors.keys()]).toEqual(ids)
    expect(Math.max(...visitors.values())).toBeGreaterThan(0)
    const series = await client.jobAnalytics(ids.slice(0, 2), { metrics: ['pageviews'], interval: 'month' })
    expect(series.jobs.size).toBe(2)
    const listed: string[] = []
    for await (const { id, url } of client.jobs({ include: ['visitors'] })) {
      listed.push(id)
      expect(url).toContain(domain)
    }
    expect(listed.sort()).toEqual([...ids].sort())
    const site = await client.siteAnalytics({ groupBy: 'source', interval: 'day', compare: 'previous' })
    expect(site.data.groups?.length).toBeGreaterThan(0)
  })

  it('pages: the reference and the description are served as assets, without a request to a store', async () => {
    const docs = await fetch(`${worker.url}/docs`)
    expect(docs.status).toBe(200)
    expect(docs.headers.get('content-security-policy')).toContain("default-src 'none'")
    const errors = await fetch(`${worker.url}/docs/errors`)
    expect(errors.status).toBe(200)
    const description = await fetch(`${worker.url}/openapi.json`)
    expect(await description.json()).toMatchObject({ openapi: expect.stringMatching(/^3\.1/) })
    expect(record.requests).toEqual([])
  })

  it('a request whose figures are cached: costs three requests to the stores, one of them after the response', async () => {
    const { apiKey, jobs } = organization(0)
    // The two Workers share one Redis.
    const job = jobs[9 + NEON_HOSTS.indexOf(neonHost)]
    const ask = async () => {
      const url = `${worker.url}/analytics/jobs?jobIds=${job?.id}`
      expect((await fetch(url, { headers: { 'x-api-key': apiKey } })).status).toBe(200)
    }
    await ask()
    await expect.poll(() => record.requests.length).toBe(4)
    record.requests.length = 0
    await ask()
    await expect.poll(() => record.requests.length).toBe(3)
    expect(record.requests.filter((sent) => sent.includes('plausible'))).toEqual([])
  })

  it('log: one line of JSON per request, without a secret', async () => {
    const { secrets } = productionOver(stack, neonHost)
    const { apiKey, jobs } = organization(0)
    await fetch(`${worker.url}/analytics/jobs?jobIds=${jobs[0]?.id}`, { headers: { 'x-api-key': apiKey } })
    await expect.poll(() => worker.log.at(-1)).toContain('"status":200')
    for (const line of worker.log) JSON.parse(line)
    for (const secret of [apiKey, ...Object.values(secrets)])
      expect(worker.log.join('\n')).not.toContain(secret)
  })
})

describe('a deployment with a wrong setting', () => {
  const [neonHost = ''] = NEON_HOSTS
  const wrong: [string, Record<string, string>, RegExp][] = [
    ['another Plausible', { PLAUSIBLE_URL: 'https://plausible.example' }, /plausible\.example.*no service/],
    ['a path before the API', { PLAUSIBLE_URL: 'https://plausible.io/stats' }, /Plausible serves nothing/],
    ['another Upstash database', { UPSTASH_REDIS_REST_URL: 'https://other.upstash.io' }, /no service/],
    ['another token', { UPSTASH_REDIS_REST_TOKEN: 'another-token' }, /header authorization is not/],
    ['another region', { DATABASE_URL: 'postgres://a:b@ep-x-1.eu-central-1.aws.neon.tech/c' }, /no service/],
    [
      'another database',
      { DATABASE_URL: 'postgres://a:b@ep-x-1.us-east-2.aws.neon.tech/c' },
      /header neon-connection-string is not/,
    ],
    ['a front for Neon', { NEON_ENDPOINT: 'http://127.0.0.1:1/sql' }, /without TLS/],
  ]

  it.each(wrong)('%s: the rehearsal finds it', async (_, replaced, violation) => {
    const { worker, record } = await rehearse(neonHost, replaced)
    try {
      const response = await fetch(`${worker.url}/ready`)
      const { apiKey, jobs } = organization(0)
      await fetch(`${worker.url}/analytics/jobs?jobIds=${jobs[3]?.id}`, { headers: { 'x-api-key': apiKey } })
      expect(response.ok).toBe(false)
      expect(record.violations.join('\n')).toMatch(violation)
    } finally {
      await worker.close()
    }
  })
})
