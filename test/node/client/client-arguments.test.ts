// Wrong arguments: every call names the argument and sends no request.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AnalyticsClient, AnalyticsError } from '../../../packages/client/src/index.ts'
import { jobId, type ScriptedApi, startScriptedApi } from './scripted-api.ts'

let api: ScriptedApi
// As JavaScript, where types do not help.
// biome-ignore lint/suspicious/noExplicitAny: the arguments are wrong on purpose
let client: any
beforeEach(async () => {
  api = await startScriptedApi()
  client = new AnalyticsClient({ baseUrl: api.url, apiKey: 'jak_key' })
})
afterEach(() => api.close())

const ID = jobId(1)

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('client arguments', () => {
  it.each([
    ['jobVisitors', [null], 'jobIds', 'null'],
    ['jobVisitors', [undefined], 'jobIds', 'undefined'],
    ['jobVisitors', [ID], 'jobIds', 'a string'],
    ['jobVisitors', [{}], 'jobIds', 'an object'],
    ['jobVisitors', [[ID, 7]], 'jobIds[1]', 'a number'],
    ['jobVisitors', [[ID], null], 'options', 'null'],
    ['jobVisitors', [[ID], 'period'], 'options', 'a string'],
    ['jobVisitors', [[ID], { signal: {} }], 'options.signal', 'AbortSignal'],
    ['jobVisitors', [[ID], { signal: null }], 'options.signal', 'null'],
    ['jobVisitors', [[ID], { deadlineMs: '5' }], 'options.deadlineMs', 'milliseconds'],
    ['jobVisitors', [[ID], { deadlineMs: Number.NaN }], 'options.deadlineMs', 'milliseconds'],
    ['jobVisitors', [[ID], { onProgress: true }], 'options.onProgress', 'a function'],
    ['jobVisitors', [[ID], { period: {} }], 'options.period', 'an object'],
    ['jobVisitors', [[ID], { perod: '7d' }], 'options.perod', 'period'],
    ['jobAnalytics', [null], 'jobIds', 'null'],
    ['jobAnalytics', [ID], 'jobIds', 'a string'],
    ['jobAnalytics', [[ID], { metrics: [7] }], 'options.metrics', 'an array'],
    ['jobAnalytics', [[ID], { metric: 'visitors' }], 'options.metric', 'metrics'],
    ['usage', [null], 'options', 'null'],
    ['usage', [{ day: 7 }], 'options.day', 'days'],
    ['usage', [{ days: {} }], 'options.days', 'an object'],
    ['siteAnalytics', [null], 'query', 'null'],
    ['siteAnalytics', [{ group_by: 'page' }], 'query.group_by', 'groupBy'],
    ['siteAnalytics', [{ signal: AbortSignal.abort() }], 'query.signal', 'unknown'],
    ['siteAnalytics', [{ filters: {} }], 'query.filters', 'a list'],
    ['siteAnalytics', [{ filters: [null] }], 'query.filters[0]', 'an object'],
    [
      'siteAnalytics',
      [{ filters: [{ dimension: 'page', operator: '=', values: [] }] }],
      'query.filters[0].operator',
      'is_not',
    ],
    [
      'siteAnalytics',
      [{ filters: [{ dimension: 'page', operator: 'is', values: '/a' }] }],
      'query.filters[0].values',
      'a list',
    ],
    ['siteAnalytics', [{}, { deadlineMs: -1 }], 'options.deadlineMs', 'milliseconds'],
  ])(
    '%s(...%j): rejects with `invalid_argument` and names %s',
    async (method, parameters, argument, problem) => {
      const error = await errorOf(client[method](...parameters))
      expect(error).toBeInstanceOf(AnalyticsError)
      expect(error).toMatchObject({ code: 'invalid_argument', argument })
      expect(String(error)).toContain(`\`${argument}\``)
      expect(String(error)).toContain(problem)
      expect(api.requests).toHaveLength(0)
    },
  )

  it.each([
    [null, 'options'],
    [{ signal: 5 }, 'options.signal'],
    [{ page: 2 }, 'options.page'],
    [{ q: Symbol('q') }, 'options.q'],
  ])('jobs(%s): rejects with `invalid_argument` at the first job', async (options, argument) => {
    const error = await errorOf(client.jobs(options).next())
    expect(error).toMatchObject({ name: 'AnalyticsError', code: 'invalid_argument', argument })
    expect(api.requests).toHaveLength(0)
  })

  it.each([
    [undefined, 'options'],
    [{ apiKey: 'jak_key' }, 'options.baseUrl'],
    [{ baseUrl: 'https://example.com' }, 'options.apiKey'],
    [{ baseUrl: 'https://example.com', apiKey: undefined }, 'options.apiKey'],
    [{ baseUrl: 'https://example.com', apiKey: null }, 'options.apiKey'],
    [{ baseUrl: 'https://example.com', apiKey: 5 }, 'options.apiKey'],
    [{ baseUrl: 'https://example.com', apiKey: 'jak_key', bulkShare: 0 }, 'options.bulkShare'],
    [{ baseUrl: 'https://example.com', apiKey: 'jak_key', bulkShare: 1.1 }, 'options.bulkShare'],
    [{ baseUrl: 'https://example.com', apiKey: 'jak_key', cache: 5 }, 'options.cache'],
    [{ baseUrl: 'https://example.com', apiKey: 'jak_key', cache: {} }, 'options.cache.maxAgeMs'],
    [{ baseUrl: 'https://example.com', apiKey: 'jak_key', fetch: 'fetch' }, 'options.fetch'],
    [{ baseUrl: 'https://example.com', apiKey: 'jak_key', deadlineMs: 'soon' }, 'options.deadlineMs'],
    [{ baseUrl: 'https://example.com', apikey: 'jak_key' }, 'options.apikey'],
  ])('new AnalyticsClient(%j): throws `invalid_argument` and names the option', (options, argument) => {
    const create = () => new AnalyticsClient(options as never)
    expect(create).toThrow(AnalyticsError)
    expect(create).toThrow(expect.objectContaining({ code: 'invalid_argument', argument }))
  })

  it('options that are undefined: count as missing, on every call', async () => {
    const none = { signal: undefined, deadlineMs: undefined, onProgress: undefined, period: undefined }
    const created = new AnalyticsClient({
      baseUrl: api.url,
      apiKey: 'jak_key',
      concurrency: undefined,
      bulkShare: undefined,
      deadlineMs: undefined,
      cache: undefined,
      fetch: undefined,
    })
    expect((await created.jobVisitors([ID], none)).get(ID)).toBe(1)
    const { jobs } = await created.jobAnalytics([ID], { ...none, metrics: undefined, interval: undefined })
    expect(jobs.get(ID)).toEqual({ visitors: 1 })
    expect(api.requests.map(({ url }) => url)).toEqual(
      Array.from({ length: 2 }, () => `/analytics/jobs?jobIds=${ID}&period=30d`),
    )
  })
})
