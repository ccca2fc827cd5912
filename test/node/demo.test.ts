// The demo: the same on every run, shaped like a job board's, and counted right by the stand-in.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demoOrganizations } from '../../local/demo/demo-organizations.ts'
import { demoVisits } from '../../local/demo/demo-visits.ts'
import { seedDemo } from '../../local/demo/seed-demo.ts'
import type { DemoOrganization } from '../../local/demo-schema.ts'
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../../local/embedded-database.ts'
import type { Visit } from '../../local/plausible/visit-line.ts'
import { parseVisitLine } from '../../local/plausible/visit-line.ts'
import { hashApiKey, hintOfApiKey, importApiKeySecret, isAuthenticApiKey } from '../../src/keys/api-key.ts'
import { localTime } from './plausible/local-time.ts'
import { startWorld, toNdjson, type World } from './plausible/world.ts'

const NOW = '2026-07-15T09:00:00Z'
const SECRET = 'a-secret-for-the-demo-of-this-test'
const sites = demoOrganizations(new Date(NOW))
const visits = [...demoVisits(new Date(NOW))]

describe('the sites', () => {
  test('are three: in Paris, in New York, and one whose domain is not verified', () => {
    expect(
      sites.map(({ timezone, domainVerified, jobs }) => [timezone, domainVerified, jobs.length]),
    ).toEqual([
      ['Europe/Paris', true, 132],
      ['America/New_York', true, 41],
      ['UTC', false, 15],
    ])
    for (const { domain } of sites) expect(domain).toMatch(/^[a-z-]+(\.[a-z-]+)*\.example$/)
  })

  test('keep their postings from day to day: ids, titles, paths and states', () => {
    const later = demoOrganizations(new Date('2027-01-01T00:00:00Z'))
    const kept = (all: typeof sites) =>
      all.map(({ jobs }) =>
        jobs.map(({ id, title, slug, path, status }) => ({ id, title, slug, path, status })),
      )
    expect(kept(later)).toEqual(kept(sites))
  })

  test('have postings with ids and paths of their own, of all states and mostly active', () => {
    const jobs = sites.flatMap((site) => site.jobs.map((job) => ({ ...job, url: site.domain + job.path })))
    expect(new Set(jobs.map((job) => job.id)).size).toBe(jobs.length)
    expect(new Set(jobs.map((job) => job.url)).size).toBe(jobs.length)
    for (const { id, path, slug } of jobs) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(path).toMatch(/^\/jobs\/[a-z0-9]+(-[a-z0-9]+)*$/)
      expect(path).toBe(`/jobs/${slug}`)
    }
    const byStatus = Map.groupBy(jobs, (job) => job.status)
    expect([...byStatus.keys()].toSorted()).toEqual(['active', 'draft', 'expired', 'pending'])
    expect((byStatus.get('active') ?? []).length).toBeGreaterThan(jobs.length / 2)
  })

  test('were created within two years, and have expired exactly where they say so', () => {
    const now = Date.parse(NOW)
    for (const { createdAt, expiresAt, status } of sites.flatMap((site) => site.jobs)) {
      expect(createdAt.getTime()).toBeLessThan(now)
      expect(createdAt.getTime()).toBeGreaterThan(now - 731 * 86_400_000)
      expect(expiresAt !== null && expiresAt.getTime() < now).toBe(status === 'expired')
    }
  })
})

describe('the visits', () => {
  test('are the same on every run', () => {
    expect([...demoVisits(new Date(NOW))]).toEqual(visits)
  })

  test('are some 200,000 over thirteen months, none of them in the future', () => {
    expect(visits.length).toBeGreaterThan(150_000)
    expect(visits.length).toBeLessThan(300_000)
    const seconds = visits.map((visit) => visit.timestamp).toSorted((a, b) => a - b)
    expect(seconds.at(-1)).toBeLessThanOrEqual(Date.parse(NOW) / 1000)
    expect(seconds.at(-1)).toBeGreaterThan(Date.parse(NOW) / 1000 - 3600)
    expect(seconds.at(0)).toBeLessThan(Date.parse('2025-06-16T00:00:00Z') / 1000)
  })

  test('are lines as the stand-in takes them', () => {
    for (const line of toNdjson(visits.filter((_, index) => index % 97 === 0)).split('\n')) {
      expect(parseVisitLine(line)).toHaveProperty('visit')
    }
  })

  test('name the job on its pages, and only postings that were public then', () => {
    const jobs = new Map(
      sites.flatMap(({ domain, jobs }) =>
        jobs.flatMap((job) => [job.path, ...job.twinPaths].map((path) => [domain + path, job] as const)),
      ),
    )
    for (const { domain, pathname, props, timestamp } of visits) {
      const job = jobs.get(domain + pathname)
      if (props?.['job_id'] !== job?.id) throw new Error(`${pathname} has the job ${props?.['job_id']}`)
      if (job === undefined) continue
      if (job.status === 'draft' || job.status === 'pending') throw new Error(`${pathname} was never public`)
      if (timestamp * 1000 < job.createdAt.getTime() - 86_400_000) throw new Error(`${pathname} is too early`)
    }
  })

  test('are more on weekdays, and at noon than at night', () => {
    const paris = visits.filter((visit) => visit.domain === sites[0]?.domain)
    const local = paris.map((visit) => localTime(visit.timestamp, 'Europe/Paris'))
    const byWeekday = Array.from({ length: 7 }, () => 0)
    const byHour = Array.from({ length: 24 }, () => 0)
    for (const { date, hour } of local) {
      const weekday = new Date(`${date}T00:00:00Z`).getUTCDay()
      byWeekday[weekday] = (byWeekday[weekday] ?? 0) + 1
      byHour[Number(hour.slice(0, 2))] = (byHour[Number(hour.slice(0, 2))] ?? 0) + 1
    }
    const [sunday = 0, monday = 0, tuesday = 0, , , friday = 0, saturday = 0] = byWeekday
    expect(Math.max(saturday, sunday)).toBeLessThan(friday * 0.8)
    expect(friday).toBeLessThan(Math.min(monday, tuesday))
    expect(byHour[3] ?? 0).toBeLessThan((byHour[12] ?? 0) / 5)
  })

  test('fade as a posting ages, but for a few that run away', () => {
    const jobs = sites.flatMap((site) => site.jobs)
    expect(jobs.filter((job) => job.runawayDaysAgo !== undefined)).toHaveLength(5)
    const byJob = Map.groupBy(visits, (visit) => visit.props?.['job_id'])
    let [fresh, old] = [0, 0]
    for (const job of jobs) {
      if (job.runawayDaysAgo !== undefined) {
        const start = Math.floor(Date.parse(NOW) / 86_400_000) - job.runawayDaysAgo
        const onDay = (day: number) =>
          byJob.get(job.id)?.filter(({ timestamp }) => Math.floor(timestamp / 86_400) === day).length ?? 0
        expect(onDay(start)).toBeGreaterThan(8 * onDay(start - 2))
        continue
      }
      for (const { timestamp } of byJob.get(job.id) ?? []) {
        const age = (timestamp * 1000 - job.createdAt.getTime()) / 86_400_000
        if (age < 14) fresh += 1
        if (age >= 60 && age < 74) old += 1
      }
    }
    expect(fresh).toBeGreaterThan(2 * old)
  })

  test('vary in every attribute', () => {
    const count = (key: keyof Visit) => new Set(visits.map((visit) => visit[key])).size
    expect(count('source')).toBeGreaterThan(6)
    expect(count('country')).toBeGreaterThan(5)
    expect(count('device')).toBe(3)
    for (const key of ['browser', 'os', 'channel', 'referrer', 'utm_campaign', 'city'] as const) {
      expect(count(key)).toBeGreaterThan(3)
    }
    expect(new Set(visits.map((visit) => visit.name))).toEqual(new Set(['pageview', 'Apply']))
  })
})

describe('seeded', () => {
  let world: World
  let database: EmbeddedDatabase
  let organizations: DemoOrganization[]

  beforeAll(async () => {
    world = await startWorld(NOW)
    database = await startEmbeddedDatabase()
    const { sql } = database
    organizations = await seedDemo({
      sql,
      plausible: world.plausible,
      apiKeySecret: SECRET,
      now: new Date(NOW),
    })
  })

  afterAll(async () => {
    await database.close()
    await world.plausible.close()
  })

  test('the database holds what the demo says', async () => {
    const rows = await database.sql`
      select o.id, o.name, o.domain, o.domain_verified_at is not null as "domainVerified",
        (select json_agg(json_build_object('id', j.id, 'path', j.path, 'title', j.title) order by j.id) from jobs j where j.organization_id = o.id) as jobs
      from organizations o order by o.id`
    expect(rows).toEqual(
      organizations.map(({ apiKey, ...organization }) => ({
        ...organization,
        jobs: organization.jobs.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      })),
    )
    expect(organizations.map((organization) => organization.domainVerified)).toEqual([true, true, false])
  })

  test('jobs keep their state and times', async () => {
    const rows = await database.sql`select id, slug, status, created_at, expires_at from jobs order by id`
    const expected = sites.flatMap((site) => site.jobs).toSorted((a, b) => (a.id < b.id ? -1 : 1))
    expect(rows).toEqual(
      expected.map((job) => ({
        ...{ id: job.id, slug: job.slug, status: job.status },
        ...{ created_at: job.createdAt, expires_at: job.expiresAt },
      })),
    )
  })

  test('every organization has a key that is authentic, known by its hash and hint', async () => {
    const secret = await importApiKeySecret(SECRET)
    for (const { id, apiKey } of organizations) {
      expect(await isAuthenticApiKey(apiKey, secret)).toBe(true)
      const rows =
        await database.sql`select encode(hash, 'hex') as hash, hint from api_keys where organization_id = ${id}`
      expect(rows).toEqual([{ hash: await hashApiKey(apiKey), hint: hintOfApiKey(apiKey) }])
    }
  })

  test('the next organization gets the next id', async () => {
    const rows = await database.sql`insert into organizations (name) values ('Next') returning id`
    expect(rows).toEqual([{ id: '4' }])
    await database.sql`delete from organizations where id = 4`
  })

  test.each([
    ['event:page', (visit: Visit) => visit.pathname, 'path'],
    ['event:props:job_id', (visit: Visit) => String(visit.props?.['job_id']), 'id'],
  ] as const)(
    'visitors of 100 jobs by %s over a year are what a loop counts',
    async (dimension, keyOf, field) => {
      const [site] = sites
      const [organization] = organizations
      const wanted = organization?.jobs.slice(0, 100).map((job) => job[field]) ?? []
      const { body } = await world.query({
        ...{ site_id: site?.domain, metrics: ['visitors'], date_range: '12mo' },
        ...{ dimensions: [dimension], filters: [['is', dimension, wanted]] },
      })
      const within = visits.filter(({ domain, timestamp }) => {
        const { date } = localTime(timestamp, 'Europe/Paris')
        return domain === site?.domain && date >= '2025-07-01' && date <= '2026-06-30'
      })
      const visitors = new Map<string, Set<string>>()
      for (const visit of within) {
        const key = keyOf(visit)
        if (wanted.includes(key)) visitors.set(key, (visitors.get(key) ?? new Set()).add(visit.visitor))
      }
      expect(visitors.size).toBeGreaterThan(70)
      expect(new Map(body.results.map((row) => [row.dimensions[0], row.metrics[0]]))).toEqual(
        new Map([...visitors].map(([key, set]) => [key, set.size])),
      )
    },
  )

  test('days are those of each site', async () => {
    for (const { domain, timezone } of sites) {
      const { body } = await world.query({ site_id: domain, metrics: ['pageviews'], date_range: 'day' })
      const today = visits.filter(
        (visit) =>
          visit.domain === domain &&
          visit.name === 'pageview' &&
          localTime(visit.timestamp, timezone).date === '2026-07-15',
      )
      expect(body.results).toEqual([{ metrics: [today.length], dimensions: [] }])
    }
  })
})
