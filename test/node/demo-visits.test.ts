// What the demo has for today, for conversions and for further pages of a job, counted by hand.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demoOrganizations } from '../../local/demo/demo-organizations.ts'
import { demoVisits } from '../../local/demo/demo-visits.ts'
import type { Visit } from '../../local/plausible/visit-line.ts'
import { localTime } from './plausible/local-time.ts'
import { startWorld, type World } from './plausible/world.ts'

const NOW = '2026-07-15T09:00:00Z'
const sites = demoOrganizations(new Date(NOW))
const visits = [...demoVisits(new Date(NOW))]
const jobByPage = new Map(
  sites.flatMap(({ domain, jobs }) =>
    jobs.flatMap((job) => [job.path, ...job.twinPaths].map((path) => [domain + path, job] as const)),
  ),
)

describe('today', () => {
  test.each([
    ['at midnight in Paris', '2026-07-14T22:00:00Z'],
    ['half a minute after midnight in UTC', '2026-07-15T00:00:30Z'],
    ['a second after midnight in New York', '2026-07-15T04:00:01Z'],
    ['after the clocks went forward in Paris', '2026-03-29T01:00:05Z'],
  ])('%s: every site has visitors and an application of today, none of them in the future', (_, now) => {
    const seconds = Date.parse(now) / 1000
    const all = [...demoVisits(new Date(now), 1)]
    for (const { domain, timezone } of sites) {
      const today = localTime(seconds, timezone).date
      const own = all.filter(
        (visit) =>
          visit.domain === domain &&
          visit.timestamp > seconds - 90_000 &&
          localTime(visit.timestamp, timezone).date === today,
      )
      expect(visitorsOf(own)).toBeGreaterThanOrEqual(3)
      expect(own.filter(({ name }) => name === 'Apply').length).toBeGreaterThanOrEqual(1)
      expect(own.every(({ timestamp }) => timestamp <= seconds)).toBe(true)
    }
  })
})

test('the last days alone: are the events that the whole year has for them', () => {
  const lastDays = [...demoVisits(new Date(NOW), 2)]
  const [from, until] = [Date.parse(NOW) / 1000 - 36 * 3600, Date.parse(NOW) / 1000]
  const within = (all: readonly Visit[]) =>
    all.filter(({ timestamp }) => timestamp >= from && timestamp <= until)
  expect(within(lastDays)).toEqual(within(visits))
  expect(within(lastDays).length).toBeGreaterThan(100)
})

describe('applications', () => {
  test.each(sites.map(({ domain }) => [domain]))(
    '%s: some visitors of jobs apply, and only on a page of a job',
    (domain) => {
      const own = visits.filter((visit) => visit.domain === domain)
      const applied = own.filter(({ name }) => name === 'Apply')
      expect(
        applied.every(({ pathname, props }) => jobByPage.get(domain + pathname)?.id === props?.['job_id']),
      ).toBe(true)
      const readers = visitorsOf(own.filter(({ props }) => props !== undefined))
      expect(visitorsOf(applied) / readers).toBeGreaterThan(0.03)
      expect(visitorsOf(applied) / readers).toBeLessThan(0.15)
    },
  )
})

describe('further pages of a job', () => {
  const twins = visits.filter(({ domain, pathname }) => {
    const job = jobByPage.get(domain + pathname)
    return job !== undefined && job.path !== pathname
  })

  test('every site has a job with a trailing slash and one in another language', () => {
    for (const { domain } of sites) {
      const own = twins.filter((visit) => visit.domain === domain).map(({ pathname }) => pathname)
      expect(own.some((pathname) => pathname.endsWith('/'))).toBe(true)
      expect(own.some((pathname) => /^\/[a-z-]+\/jobs\//.test(pathname))).toBe(true)
    }
  })

  test('are few: no job has as many visitors there as on its own page', () => {
    expect(twins.length).toBeLessThan(visits.length / 20)
    for (const job of sites.flatMap((site) => site.jobs).filter(({ twinPaths }) => twinPaths.length > 0)) {
      const there = visitorsOf(twins.filter(({ props }) => props?.['job_id'] === job.id))
      expect(there).toBeGreaterThan(0)
      expect(there).toBeLessThan(visitorsOf(visits.filter(({ pathname }) => pathname === job.path)))
    }
  })

  test('some of their visitors see the job’s own page as well, and others do not', () => {
    const seen = new Set(visits.map(({ visitor, domain, pathname }) => `${visitor} ${domain}${pathname}`))
    const both = twins.filter(({ visitor, domain, pathname }) =>
      seen.has(`${visitor} ${domain}${jobByPage.get(domain + pathname)?.path}`),
    )
    expect(both.length).toBeGreaterThan(twins.length / 4)
    expect(both.length).toBeLessThan((twins.length * 3) / 4)
  })
})

describe('the stand-in', () => {
  let world: World
  const [site] = sites
  const days = ['2025-07-15', '2026-07-15'] as const
  const inDays = visits.filter(({ domain, timestamp }) => {
    const { date } = localTime(timestamp, 'Europe/Paris')
    return domain === site?.domain && date >= days[0] && date <= days[1]
  })

  beforeAll(async () => {
    world = await startWorld(NOW)
    for (const { domain, timezone } of sites) world.plausible.putSite({ domain, timezone, locked: false })
    world.plausible.write(visits)
  })

  afterAll(() => world.plausible.close())

  test.each([
    ['event:page', (visit: Visit) => visit.pathname, 'path'],
    ['event:props:job_id', (visit: Visit) => String(visit.props?.['job_id']), 'id'],
  ] as const)(
    'counts visitors and applications of 100 jobs by %s as a loop does, through both APIs',
    async (property, keyOf, field) => {
      const wanted = site?.jobs.slice(0, 100).map((job) => job[field]) ?? []
      for (const name of [undefined, 'Apply']) {
        const own = inDays.filter(
          (visit) => wanted.includes(keyOf(visit)) && (name === undefined || visit.name === name),
        )
        const expected = new Map([...Map.groupBy(own, keyOf)].map(([key, group]) => [key, visitorsOf(group)]))
        expect(expected.size).toBeGreaterThan(50)
        expect(await throughV2(property, wanted, name)).toEqual(expected)
        expect(await throughV1(property, wanted, name)).toEqual(expected)
      }
    },
  )

  async function throughV2(dimension: string, wanted: readonly string[], name: string | undefined) {
    const { body } = await world.query({
      ...{ site_id: site?.domain, metrics: ['visitors'], date_range: days, dimensions: [dimension] },
      filters: [['is', dimension, wanted], ...(name === undefined ? [] : [['is', 'event:name', [name]]])],
    })
    return new Map(body.results.map((row) => [row.dimensions[0], row.metrics[0]]))
  }

  // Half of the values at a time: all of them are too long for one URL.
  async function throughV1(property: string, wanted: readonly string[], name: string | undefined) {
    const halves = [wanted.slice(0, 50), wanted.slice(50)]
    const responses = await Promise.all(
      halves.map((values) =>
        world.v1('breakdown', {
          ...{
            site_id: site?.domain ?? '',
            period: 'custom',
            date: days.join(','),
            property,
            limit: '1000',
          },
          filters: `${property}==${values.join('|')}${name === undefined ? '' : `;event:name==${name}`}`,
        }),
      ),
    )
    expect(responses.map(({ status }) => status)).toEqual([200, 200])
    const rows = responses.flatMap(
      ({ body }) => body.results as { page?: string; job_id?: string; visitors: number }[],
    )
    return new Map(rows.map((row) => [row.page ?? row.job_id, row.visitors]))
  }
})

function visitorsOf(group: readonly Visit[]): number {
  return new Set(group.map(({ visitor }) => visitor)).size
}
