// The checks of single responses, and the generator of requests.
import { describe, expect, it } from 'vitest'
import openapi from '../../openapi.json' with { type: 'json' }
import { type Circumstances, checkReceived } from '../../prove/checks/check-received.ts'
import { parseProveOptions } from '../../prove/prove-options.ts'
import { generateCase } from '../../prove/requests/generate-case.ts'
import { CASE_KINDS, curlOf, type RequestCase } from '../../prove/requests/request-case.ts'
import { daysBefore, daysOfPeriod } from '../../prove/world/days.ts'
import { figuresOfJob } from '../../prove/world/expected-figures.ts'
import { createWorld } from '../../prove/world/world.ts'

const NOW = Date.parse('2026-11-20T12:00:00Z')
const world = createWorld('responses', NOW)
const [amber, birch] = world.tenants
if (!amber || !birch) throw new Error('The world has organizations')
const [job] = amber.jobs
if (!job) throw new Error('The organization has jobs')

const request: RequestCase = {
  ...{
    number: 1,
    kind: 'parameters',
    tenant: 0,
    keyKind: 'own',
    key: 0,
    worker: 0,
    method: 'GET',
    headers: {},
  },
  target: `/analytics/jobs?jobIds=${job.id}`,
}
const calm: Circumstances = { skewMs: 0, isDisturbed: () => false }
const visitors = figuresOfJob(amber, job.id, daysOfPeriod('30d', amber.timeZone, NOW))['visitors'] ?? 0

/** A response with the headers that the document requires, taken from its own examples. */
function responseOf(status: number, body: unknown, headers: Record<string, string> = {}) {
  const described = openapi.paths['/analytics/jobs'].get.responses['200'].headers
  const known: Record<string, { example?: unknown }> = openapi.components.headers
  const examples = Object.keys(described).flatMap((name) => {
    const example = known[name]?.example
    return example === undefined ? [] : [[name, String(example)] as [string, string]]
  })
  return {
    status,
    headers: new Headers([
      ...examples,
      ['content-type', 'application/json'],
      ['cache-control', 'private, max-age=60'],
      ...Object.entries(headers),
    ]),
    body: JSON.stringify(body),
    ...{ sentAt: NOW, receivedAt: NOW },
  }
}

function kindsOf(response: ReturnType<typeof responseOf>, circumstances = calm, one = request) {
  return [...new Set(checkReceived(world, one, response, circumstances).problems.map(({ kind }) => kind))]
}

const right = { data: { visitors: { [job.id]: visitors } }, meta: { period: '30d', total_jobs: 1 } }

describe('the check of a response', () => {
  it('finds nothing wrong with a right one, and compares its figures', () => {
    expect(checkReceived(world, request, responseOf(200, right), calm)).toEqual({
      problems: [],
      compared: true,
    })
  })

  it('finds a figure that is one too high', () => {
    const wrong = { ...right, data: { visitors: { [job.id]: visitors + 1 } } }
    expect(kindsOf(responseOf(200, wrong))).toEqual(['figure'])
  })

  it('finds a job that was not requested', () => {
    const wrong = { ...right, data: { visitors: { [job.id]: visitors, [amber.jobs[1]?.id ?? '']: 1 } } }
    expect(kindsOf(responseOf(200, wrong))).toContain('figure')
  })

  it('finds a text or an ID of another organization, also in a header', () => {
    expect(kindsOf(responseOf(200, right, { etag: `W/"${birch.marker}"` }))).toContain('foreign')
    const foreign = { ...right, data: { visitors: { [birch.jobs[0]?.id ?? '']: 0 } } }
    expect(kindsOf(responseOf(200, foreign))).toContain('foreign')
  })

  it('finds a field that openapi.json does not describe', () => {
    expect(kindsOf(responseOf(200, { ...right, extra: 1 }))).toEqual(['contract'])
  })

  it('finds every 500, and other failures unless their own store was failing', () => {
    const error = (code: string) => ({ error: { code, message: '', request_id: '', docs: '' } })
    const disturbed = (store: string): Circumstances => ({ skewMs: 0, isDisturbed: (name) => name === store })
    expect(kindsOf(responseOf(500, error('internal_error')), disturbed('any'))).toContain('failure')
    const unavailable = responseOf(503, error('service_unavailable'))
    expect(kindsOf(unavailable)).toContain('failure')
    expect(kindsOf(unavailable, disturbed('analytics'))).toContain('failure')
    expect(kindsOf(unavailable, disturbed('postgres'))).not.toContain('failure')
  })

  it('lets `GET /ready` repeat the result of a check while a store was failing', () => {
    const notReady = responseOf(503, { status: 'not_ready' })
    const earlier: Circumstances = { skewMs: 0, isDisturbed: (_, beforeMs = 0) => beforeMs >= 5_000 }
    expect(kindsOf(notReady, earlier, { ...request, target: '/ready' })).not.toContain('failure')
    expect(kindsOf(notReady, earlier)).toContain('failure')
  })

  it('finds a response to a key that is revoked', () => {
    expect(kindsOf(responseOf(200, right), calm, { ...request, keyKind: 'revoked' })).toContain('key')
  })
})

describe('the generator of requests', () => {
  const cases = Array.from({ length: 3_000 }, (_, number) => generateCase(world, number))

  it('makes the same request for the same seed and number', () => {
    expect(generateCase(createWorld('responses', NOW), 17)).toEqual(cases[17])
    expect(generateCase(createWorld('other', NOW), 17)).not.toEqual(cases[17])
  })

  it('makes requests of every kind to every endpoint, and with every kind of key', () => {
    for (const kind of CASE_KINDS)
      expect(cases.filter((one) => one.kind === kind).length, kind).toBeGreaterThan(30)
    for (const path of Object.keys(openapi.paths).filter((path) => !path.includes('{'))) {
      expect(cases.filter(({ target }) => target.split('?')[0] === path).length, path).toBeGreaterThan(20)
    }
    expect(new Set(cases.map(({ keyKind }) => keyKind)).size).toBe(6)
  })

  it('writes a request as a curl command without the key', () => {
    const one: RequestCase = { ...request, method: 'POST', headers: { accept: "it's" }, target: '/jobs' }
    expect(curlOf('http://127.0.0.1:1', one)).toBe(
      `curl -i -X POST -H "x-api-key: $KEY" -H 'accept: it'\\''s' 'http://127.0.0.1:1/jobs'`,
    )
  })
})

describe('the days of a period', () => {
  it('end yesterday in the time zone of the site, and months keep the day of the month', () => {
    const at = Date.parse('2026-08-31T22:30:00Z')
    expect(daysOfPeriod('7d', 'Europe/Paris', at)).toEqual({ from: '2026-08-25', to: '2026-08-31' })
    expect(daysOfPeriod('6mo', 'UTC', at)).toEqual({ from: '2026-02-28', to: '2026-08-30' })
    expect(daysBefore({ from: '2026-03-01', to: '2026-03-02' })).toEqual({
      from: '2026-02-27',
      to: '2026-02-28',
    })
  })
})

describe('the command line of npm run prove', () => {
  it('refuses what it does not know with one line', () => {
    expect(() => parseProveOptions(['--fast'])).toThrow(
      "Unknown option '--fast': see npm run prove -- --help",
    )
    expect(() => parseProveOptions(['--minutes', 'x'])).toThrow('--minutes takes a number above 0, not "x"')
    expect(() => parseProveOptions(['--case', '1'])).toThrow('requires --seed')
    expect(() => parseProveOptions(['--only', 'all'])).toThrow('--only takes requests, limits, faults')
  })

  it('runs all parts for two minutes unless told otherwise', () => {
    expect(parseProveOptions([])).toMatchObject({
      minutes: 2,
      isShort: false,
      parts: ['requests', 'limits', 'faults'],
    })
    expect(parseProveOptions(['--only', 'limits', '--seed', 'x']).parts).toEqual(['limits'])
  })
})
