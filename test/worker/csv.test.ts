// Responses as CSV files: every endpoint that lists, read back with a parser.

import { parse } from 'csv-parse/sync'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SiteAnalyticsResponse } from '../../src/endpoints/site-analytics/response.ts'
import { toCsv } from '../../src/http/csv.ts'
import { createApi, withKey } from '../support/api.ts'
import { asOwner, createOrganization, issueKey, storeVisits } from '../support/database.ts'

const api = createApi({
  RATE_LIMIT_REQUESTS: '100000',
  CONCURRENCY_LIMIT: '100',
  ANALYTICS_QUERIES_PER_HOUR: '0',
})

const TITLES = ['Engineer, "Senior"', '=HYPERLINK("http://evil.example")', 'Ingénieur\nÉlec', '@x']
const site = await createOrganization(TITLES.length)
const key = await issueKey(site.id)
const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)

beforeAll(async () => {
  await asOwner(
    `update jobs set title = t from unnest($1::uuid[], $2::text[]) as u (job, t) where id = job`,
    [site.jobIds, TITLES],
  )
  await storeVisits(
    [3, 1].flatMap((visitors, n) =>
      Array.from({ length: visitors }, (_, i) => ({
        ...{ domain: site.domain, name: 'pageview', timestamp: `${yesterday}T10:00:00Z` },
        ...{
          pathname: `/jobs/${n + 1}`,
          visitor: `${n} ${i}`,
          utm_source: n === 0 ? '=1+1' : 'mail, weekly',
        },
      })),
    ),
  )
})

async function csv(path: string, headers: Record<string, string> = {}) {
  const response = await api.call(path, withKey(key, headers))
  expect(response.status, response.text).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
  expect(response.headers.get('vary')).toContain('Accept')
  const rows: string[][] = parse(response.text, { relax_column_count: false })
  return { ...response, rows }
}

describe('CSV', () => {
  it('GET /jobs: has one row per job, with its figures', async () => {
    const { rows, headers, text } = await csv('/jobs?format=csv&include=visitors&period=7d&sort=-visitors')
    expect(rows[0]).toEqual([
      ...['id', 'title', 'slug', 'status', 'url', 'created_at', 'expires_at', 'visitors'],
    ])
    const byId = new Map(rows.slice(1).map((row) => [row[0], row]))
    expect(byId.size).toBe(TITLES.length)
    expect(site.jobIds.map((id) => byId.get(id)?.[1])).toEqual([
      ...[TITLES[0], `'${TITLES[1]}`, TITLES[2], `'${TITLES[3]}`],
    ])
    expect(site.jobIds.map((id) => byId.get(id)?.[7])).toEqual(['3', '1', '0', '0'])
    expect(byId.get(site.jobIds[0] ?? '')?.slice(2, 5)).toEqual([
      ...['job-1', 'active', `https://${site.domain}/jobs/1`],
    ])
    expect(byId.get(site.jobIds[0] ?? '')?.[6]).toBe('')
    expect(headers.get('content-disposition')).toBe('attachment; filename="jobs.csv"')
    expect(text.endsWith('\r\n')).toBe(true)
  })

  it('GET /jobs: leads to the next page by the Link header, the format kept', async () => {
    const { headers } = await csv('/jobs?format=csv&per_page=1')
    const next = /<https:\/\/api\.test([^>]*)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? ''
    expect((await csv(next)).rows).toHaveLength(2)
  })

  it('GET /analytics/jobs: has one row per job, with the ID as the caller wrote it', async () => {
    const ids = [site.jobIds[1]?.toUpperCase(), site.jobIds[0], site.jobIds[2]]
    const { rows, headers } = await csv(
      `/analytics/jobs?jobIds=${ids}&period=7d&metrics=pageviews&format=csv`,
    )
    expect(rows).toEqual([
      ['job_id', 'visitors', 'pageviews'],
      [ids[0], '1', '1'],
      [ids[1], '3', '3'],
      [ids[2], '0', '0'],
    ])
    expect(headers.get('content-disposition')).toMatch(
      new RegExp(`^attachment; filename="job-visitors-\\d{4}-\\d\\d-\\d\\d-${yesterday}\\.csv"$`),
    )
  })

  it('GET /analytics/jobs: has one row per job and date with a series', async () => {
    const { rows } = await csv(
      `/analytics/jobs?jobIds=${site.jobIds.slice(0, 2)}&from=${yesterday}&to=${yesterday}&interval=day&format=csv`,
    )
    expect(rows).toEqual([
      ['job_id', 'date', 'visitors'],
      [site.jobIds[0], yesterday, '3'],
      [site.jobIds[1], yesterday, '1'],
    ])
  })

  it('GET /analytics/site: has one row per group, and no value that a spreadsheet runs', async () => {
    const { rows } = await csv(
      '/analytics/site?group_by=utm_source&period=7d&metrics=visitors,visits&format=csv',
    )
    expect(rows).toEqual([
      ['utm_source', 'visitors', 'visits'],
      [`'=1+1`, '3', '3'],
      ['mail, weekly', '1', '1'],
    ])
  })

  it('GET /analytics/site: has the titles and addresses of grouped jobs', async () => {
    const { rows } = await csv('/analytics/site?group_by=job&period=7d&format=csv')
    expect(rows).toEqual([
      ['job', 'title', 'url', 'visitors'],
      [site.jobIds[0], TITLES[0], `https://${site.domain}/jobs/1`, '3'],
      [site.jobIds[1], `'${TITLES[1]}`, `https://${site.domain}/jobs/2`, '1'],
    ])
  })

  it('GET /analytics/site: has one row per point of a series', async () => {
    const { rows } = await csv('/analytics/site?interval=day&period=7d&format=csv')
    expect([rows[0], rows.length, rows.at(-1)]).toEqual([['date', 'visitors'], 8, [yesterday, '4']])
  })

  it('GET /analytics/site: has the totals, and what they are compared with', async () => {
    const path = '/analytics/site?period=7d&compare=previous'
    const { rows } = await csv(`${path}&format=csv`)
    const { data, meta } = (await api.call(path, withKey(key))).json as SiteAnalyticsResponse
    expect(rows).toEqual([
      ['from', 'to', 'visitors'],
      [meta.from, meta.to, '4'],
      [data.previous?.from, data.previous?.to, '0'],
    ])
  })

  it.each([
    ['text/csv', 'text/csv'],
    ['text/csv, application/json;q=0.5', 'text/csv'],
    ['text/csv;q=0.5, application/json', 'application/json'],
    ['*/*', 'application/json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'application/json'],
  ])('is negotiated: Accept: %s gets %s', async (accept, type) => {
    const response = await api.call('/analytics/site?period=7d', withKey(key, { accept }))
    expect(response.headers.get('content-type')?.split(';')[0]).toBe(type)
    expect(response.headers.get('vary')).toContain('Accept')
  })

  it('is what `format` says, whatever `Accept` says', async () => {
    await csv('/jobs?format=csv', { accept: 'application/json' })
    const response = await api.call('/jobs?format=json', withKey(key, { accept: 'text/csv' }))
    expect(response.headers.get('content-type')).toBe('application/json')
  })

  it('has an ETag of its own, which gets a 304', async () => {
    const path = '/analytics/site?period=7d&group_by=utm_source'
    const json = await api.call(path, withKey(key))
    const { headers } = await csv(path, { accept: 'text/csv' })
    const etag = headers.get('etag') ?? ''
    expect(etag).not.toBe(json.headers.get('etag'))
    const again = await api.call(path, withKey(key, { accept: 'text/csv', 'if-none-match': etag }))
    expect([again.status, again.text]).toEqual([304, ''])
    const other = await api.call(path, withKey(key, { accept: 'application/json', 'if-none-match': etag }))
    expect(other.status).toBe(200)
  })

  it('responds to HEAD with the headers of the file', async () => {
    const response = await api.call('/jobs?format=csv', { method: 'HEAD', ...withKey(key) })
    expect([response.status, response.text]).toEqual([200, ''])
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="jobs.csv"')
  })

  it('leaves errors in JSON', async () => {
    for (const path of ['/jobs?format=csv&status=x', '/jobs?format=xml', '/analytics/site?period=x']) {
      const response = await api.call(path, withKey(key, { accept: 'text/csv' }))
      expect(response.status).toBe(400)
      expect(response.json).toMatchObject({ error: { code: 'invalid_request' } })
    }
  })

  it('refuses groups and a series in one file', async () => {
    const path = '/analytics/site?group_by=source&interval=day'
    const response = await api.call(`${path}&format=csv`, withKey(key))
    expect(response.json).toMatchObject({ error: { details: [{ parameter: 'interval' }] } })
    expect((await api.call(path, withKey(key))).status).toBe(200)
  })
})

describe('a CSV cell', () => {
  const line = (cell: string | number | null) => toCsv({ columns: ['a'], rows: [[cell]] })
  it.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['a\nb', '"a\nb"'],
    ['a\r\nb', '"a\r\nb"'],
    [' a ', '" a "'],
    ['', ''],
    ['=1', "'=1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@a', "'@a"],
    ['\ta', "'\ta"],
    ['\ra', '"\'\ra"'],
    ['＝1', "'＝1"],
    ['=a,"b"', '"\'=a,""b"""'],
    ['a=1', 'a=1'],
    [-1.5, '-1.5'],
    [null, ''],
  ])('%j is written as %j', (cell, text) => {
    expect(line(cell)).toBe(`a\r\n${text}\r\n`)
  })
})
