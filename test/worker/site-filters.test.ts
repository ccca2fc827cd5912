import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SiteAnalyticsResponse } from '../../src/endpoints/site-analytics/response.ts'
import { createApi, organizations, withKey } from '../support/api.ts'
import { createOrganization, issueKey, storeVisits } from '../support/database.ts'
import { countEvents, countVisits, periodOf } from '../support/hand-count.ts'

const [demoSite] = organizations
if (!demoSite) throw new Error('The demo has organizations')
const api = createApi({
  RATE_LIMIT_REQUESTS: '100000',
  CONCURRENCY_LIMIT: '100',
  ANALYTICS_QUERIES_PER_HOUR: '0',
})

/** Texts that mean something to SQL, JSON, RE2, the query string or our own syntax, and texts that hardly anything expects. */
const AWKWARD = [
  ...['a*b', 'a,b', 'a\\b', 'a\\*b', 'a\\,b', 'a\\\\', '\\', '*', ',', 'ab', 'axb', 'aXb', 'A*B'],
  ...[
    '100%',
    '100',
    '%25',
    'a%2Cb',
    "it's",
    `"q"`,
    `'; drop table visits --`,
    '_',
    'a_b',
    '$1',
    '?x=1&y=2',
    '#z',
  ],
  ...[
    'a.b',
    'a+b',
    '(a)',
    '[a-z]',
    '^a$',
    'a|b',
    '{2}',
    '\\d',
    '\\z',
    '\\Q',
    '(?i)a',
    '.*',
    '(not set)',
    '(none)',
  ],
  ...[
    'new\nline',
    'tab\there',
    'carriage\r\nreturn',
    ' leading',
    'é',
    'e\u0301',
    '日本',
    'שלום',
    '\u202eabc',
    '😀',
  ],
  ...['İ', 'ß', 'null', 'true', '0', '[]', '__proto__', 'x'.repeat(1_999 - 'page/'.length)],
]
const paths = AWKWARD.map((text) => `/${text}`)

const site = await createOrganization(0)
const key = await issueKey(site.id)
const timestamp = new Date(Date.now() - 26 * 3_600_000).toISOString()
// Text i has i + 1 visitors, each of whom sees one page and comes from one source.
await storeVisits(
  AWKWARD.flatMap((text, i) =>
    Array.from({ length: i + 1 }, (_, n) => ({
      timestamp,
      domain: site.domain,
      name: 'pageview',
      pathname: `/${text}`,
      visitor: `${i}-${n}`,
      source: `${text}.`,
    })),
  ),
)
const visitorsOf = (texts: readonly string[], isKept: (text: string) => boolean) =>
  texts.reduce((sum, text, i) => sum + (isKept(text) ? i + 1 : 0), 0)

const escaped = (text: string) => text.replace(/[\\,*]/g, '\\$&')

async function ask(parameters: string[][], apiKey = key) {
  return await api.call(
    `/analytics/site?${new URLSearchParams([['period', '7d'], ...parameters])}`,
    withKey(apiKey),
  )
}

async function count(...parameters: string[][]) {
  const response = await ask(parameters)
  expect(response.status, response.text).toBe(200)
  return (response.json as SiteAnalyticsResponse).data.totals.visitors
}

describe('a filter’s value reaches the store as it is', () => {
  it.each(AWKWARD.map((text, i) => [text.length > 20 ? `${text.slice(0, 20)}…` : text, i] as const))(
    '%j',
    async (_name, i) => {
      const text = AWKWARD[i] ?? ''
      const rest = visitorsOf(AWKWARD, (other) => other !== text)
      expect(await count(['page', escaped(`/${text}`)])).toBe(i + 1)
      expect(await count(['page!', escaped(`/${text}`)])).toBe(rest)
      // Sources are names, which match in upper or lower case.
      const isName = (other: string) => other.toLowerCase() === text.toLowerCase()
      expect(await count(['source', escaped(`${text}.`)])).toBe(visitorsOf(AWKWARD, isName))
      expect(await count(['source!', escaped(`${text}.`)])).toBe(
        visitorsOf(AWKWARD, (other) => !isName(other)),
      )
      // With a wildcard it becomes part of an expression, and means no more there.
      const begins = visitorsOf(AWKWARD, (other) => other.startsWith(text))
      expect(await count(['page', `${escaped(`/${text}`)}*`])).toBe(begins)
      expect(await count(['entry_page!', `${escaped(`/${text}`)}*`])).toBe(
        visitorsOf(AWKWARD, () => true) - begins,
      )
    },
  )

  it('in any combination of values and wildcards', async () => {
    const piece = fc.oneof(
      fc.constantFrom(...AWKWARD.slice(0, -1)),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
    )
    const pattern = fc.array(piece, { minLength: 1, maxLength: 3 })
    const patterns = fc.array(pattern, { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(patterns, fc.boolean(), async (pieces, isNegated) => {
        const values = pieces.map(([first = '', ...more]) => [`/${first}`, ...more])
        const text = values.map((value) => value.map(escaped).join('*')).join(',')
        const isKept = (path: string) => values.some((value) => matches(path, value)) !== isNegated
        expect(await count([isNegated ? 'page!' : 'page', text])).toBe(visitorsOf(paths, isKept))
      }),
      { numRuns: 200 },
    )
  })

  it('or is refused when it is too long, empty or too many', async () => {
    const wrong = [
      `/${'x'.repeat(2_000)}`,
      '',
      ',',
      '/a,',
      Array.from({ length: 101 }, (_, i) => `/${i}`).join(','),
      'jobs',
      '-1',
      '1,2',
      `/${'*a'.repeat(11)}`,
    ]
    for (const value of wrong) {
      const response = await ask([['page', value]])
      expect(response.status, value).toBe(400)
      expect(response.json).toMatchObject({ error: { details: [{ parameter: 'page' }] } })
    }
    expect(await count(['page', `/${'😀'.repeat(999)}`])).toBe(0)
    expect(await count(['page', `/${'*'.repeat(1_999)}`])).toBe(visitorsOf(paths, () => true))
  })

  it('and NUL is either data or refused', async () => {
    for (const value of ['/\0', '/a\0b', '/*\0*']) {
      const response = await ask([['page', value]])
      expect([200, 400]).toContain(response.status)
      if (response.status === 200) expect(response.json).toMatchObject({ data: { totals: { visitors: 0 } } })
    }
  })

  it('and lists are joined however often the parameter is given', async () => {
    expect(await count(['page', '/ab,/axb'], ['page', '/100'])).toBe(await count(['page', '/ab,/axb,/100']))
  })
})

describe('filters over the seeded year', () => {
  const visits = (search: string) => api.call(`/analytics/site?${search}`, withKey(demoSite.apiKey))
  it.each([
    ['country=FR,DE', `a.country in ('FR', 'DE')`],
    ['country!=FR', `a.country <> 'FR'`],
    ['country%21=FR', `a.country <> 'FR'`],
    ['source!=Google', `a.source <> 'Google'`],
    ['source=Direct%20/%20None', `a.source = ''`],
    ['source=*oog*,L*n', `a.source like '%oog%' or a.source like 'L%n'`],
    ['source!=*e*', `a.source not like '%e%'`],
    ['referrer=indeed.com/*', `a.referrer like 'indeed.com/%'`],
    ['channel=Organic*', `a.channel like 'Organic%'`],
    [
      'utm_medium=email&utm_campaign!=weekly-digest',
      `a.utm_medium = 'email' and a.utm_campaign <> 'weekly-digest'`,
    ],
    ['utm_source=(not%20set)', `a.utm_source = ''`],
    [
      'region=FR-IDF&device=Mobile&os!=Android',
      `a.region = 'FR-IDF' and a.device = 'Mobile' and a.os <> 'Android'`,
    ],
    ['city=2988507,2996944', 'a.city in (2988507, 2996944)'],
    ['city!=2988507', 'a.city <> 2988507'],
    ['browser=Safari,Chrome&country=CH', `a.browser in ('Safari', 'Chrome') and a.country = 'CH'`],
    [
      'entry_page=/jobs/*&exit_page!=/jobs/*',
      `s.entry_page like '/jobs/%' and s.exit_page not like '/jobs/%'`,
    ],
  ])('%s', async (filter, condition) => {
    for (const period of ['30d', '6mo']) {
      const [counted] = await countVisits(demoSite.domain, await periodOf(demoSite.domain, period), condition)
      const metrics = ['visitors', 'visits', 'bounce_rate', 'visit_duration', 'views_per_visit'] as const
      const response = await visits(`period=${period}&metrics=${metrics}&${filter}`)
      const totals = Object.fromEntries(metrics.map((name) => [name, Number(counted?.[name])]))
      expect((response.json as SiteAnalyticsResponse).data.totals).toEqual(totals)
      expect(totals['visits']).toBeGreaterThan(0)
    }
  })

  it.each([
    ['page=/jobs/*', `pathname like '/jobs/%'`],
    ['page!=/jobs/*', `pathname not like '/jobs/%'`],
    ['page=/,/companies', `pathname in ('/', '/companies')`],
    [
      'page=*ingenieur*,*engineer*&country=FR',
      `(pathname like '%ingenieur%' or pathname like '%engineer%') and country = 'FR'`,
    ],
    [
      'page!=/&source=Google&entry_page=/jobs',
      `pathname <> '/' and source = 'Google' and entry_page = '/jobs'`,
    ],
  ])('%s, by events', async (filter, condition) => {
    const span = await periodOf(demoSite.domain, '6mo')
    const [counted] = await countEvents(demoSite.domain, span, condition)
    const response = await visits(`period=6mo&metrics=pageviews,visitors,visits&${filter}`)
    const { data, meta } = response.json as SiteAnalyticsResponse
    expect(data.totals).toEqual({ ...counted })
    expect(meta.filters.length).toBeGreaterThan(0)
    const [{ pageviews } = {}] = await countEvents(demoSite.domain, span)
    expect(Number(counted?.['pageviews'])).toBeLessThan(Number(pageviews))
  })
})

/** Whether the pieces stand in this text, one after the other, the first at its beginning and the last at its end. */
function matches(text: string, pieces: readonly string[]): boolean {
  const [first = '', ...more] = pieces
  if (more.length === 0) return text === first
  if (!text.startsWith(first)) return false
  const rest = text.slice(first.length)
  return Array.from({ length: rest.length + 1 }, (_, i) => rest.slice(i)).some((tail) => matches(tail, more))
}
