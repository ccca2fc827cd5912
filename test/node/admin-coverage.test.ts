// `job coverage`: pages of no job, jobs without a page, likely twins, and the suggestion that an import takes.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type RunningPlausible, startPlausible } from '../../local/plausible/start-plausible.ts'
import { differencesOf, twinKey } from '../../scripts/admin/job-pages/page-twins.ts'
import { plausibleStore } from '../../src/analytics/plausible-store.ts'
import { type DatabaseUnderTest, openEmbedded } from './admin/database-under-test.ts'
import { runCommand } from './admin/run-command.ts'

const SITE = 'board.example'
const API_KEY = 'the-key-of-the-store'
const NFD = '/jobs/développeur'.normalize('NFD')
const NFC = NFD.normalize('NFC')

const idOf = (n: number) => `aaaaaaaa-0000-4000-8000-${String(n).padStart(12, '0')}`
const job = (n: number, slug: string, fields: object = {}) => ({
  id: idOf(n),
  title: `Job ${n}`,
  slug,
  ...fields,
})

describe('page twins', () => {
  it.each([
    ['/jobs/a/', '/jobs/a', ['trailing slash']],
    ['/jobs/a//', '/jobs/a', ['trailing slash']],
    ['/Jobs/A', '/jobs/a', ['case']],
    [NFD, NFC, ['Unicode form']],
    ['/jobs/a%20b', '/jobs/a b', ['percent-encoding']],
    ['/de/jobs/a', '/jobs/a', ['locale']],
    ['/en-us/jobs/a', '/jobs/a', ['locale']],
    ['/de/jobs/a', '/fr/jobs/a', ['locale']],
    ['/jobs/a#apply', '/jobs/a', ['#']],
    ['/#/jobs/a', '/jobs/a', ['#']],
    ['/app#!/jobs/a', '/jobs/a', ['#']],
    ['/DE/Jobs/A/', '/jobs/a', ['case', 'trailing slash', 'locale']],
    ['/JOBS/A/', '/JOBS/A', ['trailing slash']],
  ])('%s and %s differ in %j', (page, other, differences) => {
    expect(twinKey(page)).toBe(twinKey(other))
    expect(differencesOf(page, other)).toEqual(differences)
    expect(differencesOf(other, page)).toEqual(differences)
  })

  it.each([
    ['/jobs/a', '/jobs/b'],
    ['/jobs/a', '/job/a'],
    ['/jobs/a/b', '/jobs/a'],
    ['/jobs/senior', '/jobs/senior-dev'],
    ['/xyz/jobs/a', '/jobs/a'],
  ])('%s and %s are no twins', (page, other) => {
    expect(twinKey(page)).not.toBe(twinKey(other))
  })

  it('pages with different fragments are no twins, and the home page is nobody’s', () => {
    expect(differencesOf('/jobs/c#-dev', '/jobs/c#-lead')).toEqual([])
    expect(twinKey('/')).toBeUndefined()
  })
})

describe('job coverage', () => {
  let database: DatabaseUnderTest
  let plausible: RunningPlausible
  let directory: string
  let org: string
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'admin-coverage-'))
    database = await openEmbedded()
    plausible = await startPlausible({ apiKey: API_KEY })
    await admin(['migrate'])
    await admin(['org', 'create', 'Other'])
  })
  afterAll(async () => {
    rmSync(directory, { recursive: true })
    await plausible?.close()
    await database?.close()
  })
  // A site of its own for each test, because visits cannot be deleted.
  let site = SITE
  let tests = 0
  beforeEach(async () => {
    tests += 1
    site = `${tests}.${SITE}`
    const created = await admin([
      'org',
      'create',
      'Board',
      '--domain',
      site,
      '--time-zone',
      'Europe/Berlin',
      '--json',
    ])
    org = String(Object(created.json()['organization']).id)
    await database.query('DELETE FROM jobs')
  })

  const admin = (argv: string[], changes: NodeJS.ProcessEnv = {}, input?: string) =>
    runCommand(argv, {
      environment: {
        ...database.environment,
        ...{ PLAUSIBLE_URL: plausible.url, PLAUSIBLE_API_KEY: API_KEY, ...changes },
      },
      ...(input !== undefined && { input }),
    })
  const importJobs = async (into: string, jobs: object[]) => {
    const argv = ['job', 'import', '-', '--format', 'json', '--org', into, '--json']
    const result = await admin(argv, {}, JSON.stringify(jobs))
    expect(result).toMatchObject({ code: 0 })
    return result.json()
  }
  /** Visits by page, each by visitors of its own. */
  const visit = (pages: Record<string, number>, daysAgo = 2, props: Record<string, string> = {}) => {
    plausible.putSite({ domain: site, timezone: 'Europe/Berlin', locked: false })
    const timestamp = Math.floor(Date.now() / 1_000) - daysAgo * 86_400
    plausible.write(
      Object.entries(pages).flatMap(([pathname, count]) =>
        Array.from({ length: count }, (_, n) => ({
          ...{ timestamp, domain: site, name: 'pageview', pathname, props },
          visitor: `${pathname}-${n}`,
        })),
      ),
    )
  }
  const coverage = async (options: string[] = [], changes: NodeJS.ProcessEnv = {}) => {
    const result = await admin(['job', 'coverage', '--org', org, '--json', ...options], changes)
    expect(result).toMatchObject({ code: 0, messages: '' })
    return Object(result.json())
  }

  it('names pages of no job with their likely job, and jobs without a page with their likely page', async () => {
    await importJobs(org, [
      ...[job(1, 'seen'), job(2, 'slash'), job(3, 'x', { path: NFC }), job(4, 'Case'), job(5, 'unseen')],
      ...[job(6, 'further', { paths: ['/old'] }), job(7, 'c#-dev')],
    ])
    await importJobs('1', [job(91, 'foreign')])
    visit({ '/jobs/seen': 9, '/jobs/seen/': 4, '/jobs/slash/': 3, [NFD]: 2, '/de/jobs/case': 5, '/old': 1 })
    visit({ '/': 20, '/about': 8, '/jobs/foreign': 1, '/jobs/c': 6 })
    const { unclaimed, unseen, ...rest } = await coverage()
    expect(unclaimed).toEqual([
      {
        value: '/jobs/c',
        visitors: 6,
        differences: ['#'],
        job: { id: idOf(7), title: 'Job 7', path: '/jobs/c#-dev' },
      },
      {
        ...{ value: '/de/jobs/case', visitors: 5, differences: ['case', 'locale'] },
        job: { id: idOf(4), title: 'Job 4', path: '/jobs/Case' },
      },
      {
        ...{ value: '/jobs/seen/', visitors: 4, differences: ['trailing slash'] },
        job: { id: idOf(1), title: 'Job 1', path: '/jobs/seen' },
      },
      {
        ...{ value: '/jobs/slash/', visitors: 3, differences: ['trailing slash'] },
        job: { id: idOf(2), title: 'Job 2', path: '/jobs/slash' },
      },
      {
        value: NFD,
        visitors: 2,
        differences: ['Unicode form'],
        job: { id: idOf(3), title: 'Job 3', path: NFC },
      },
      { value: '/', visitors: 20 },
      { value: '/about', visitors: 8 },
      { value: '/jobs/foreign', visitors: 1 },
    ])
    expect(
      unseen.map(({ id, twins }: { id: string; twins: { value: string }[] }) => [
        id,
        twins.map(({ value }) => value),
      ]),
    ).toEqual([
      [idOf(7), ['/jobs/c']],
      [idOf(4), ['/de/jobs/case']],
      [idOf(2), ['/jobs/slash/']],
      [idOf(3), [NFD]],
      [idOf(5), []],
    ])
    expect(rest).toMatchObject({
      domain: site,
      timeZone: 'Europe/Berlin',
      dimension: 'event:page',
      jobs: 7,
      values: 10,
    })
  })

  it('suggests lines that an import takes, after which every twin is counted and nothing else has changed', async () => {
    const fields = { status: 'expired', expires_at: '2026-01-02T03:04:05.678901Z', paths: ['/kept'] }
    await importJobs(org, [
      job(1, 'slash', fields),
      job(2, 'ab', { path: '/jobs/a b' }),
      job(3, 'x', { path: NFC }),
      job(4, 'own'),
    ])
    visit({ '/jobs/slash/': 3, '/de/jobs/slash': 2, '/jobs/a%20b': 4, [NFD]: 5, '/jobs/own': 1 })
    const columns = 'id, title, slug, path, status, created_at, expires_at'
    const before = await database.query(`SELECT ${columns} FROM jobs ORDER BY id`)
    const file = join(directory, 'suggestion.ndjson')
    const { suggestion } = await coverage(['--suggestion', file])
    const written = readFileSync(file, 'utf8')
    expect(
      written
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(suggestion)
    const imported = await admin(['job', 'import', file, '--org', org, '--json'])
    expect(imported).toMatchObject({ code: 0, messages: '' })
    expect(imported.json()).toMatchObject({ lines: 3, updated: 3 })
    expect(await database.query(`SELECT ${columns} FROM jobs ORDER BY id`)).toEqual(before)
    const paths = await database.query('SELECT to_json(paths)::text AS paths FROM jobs ORDER BY id')
    expect(paths.map((row) => JSON.parse(String(row['paths'])))).toEqual([
      ['/kept', '/jobs/slash/', '/de/jobs/slash'],
      ['/jobs/a%20b'],
      [NFD],
      [],
    ])
    expect(await coverage()).toMatchObject({ valuesOfNoJob: 0, jobsWithoutVisits: 0, suggestion: [] })
  })

  it('names no job for a page that is as likely the page of two', async () => {
    await importJobs(org, [job(1, 'dev'), job(2, 'x', { path: '/Jobs/Dev' })])
    visit({ '/JOBS/DEV': 2 })
    const { unclaimed, suggestion } = await coverage()
    expect({ unclaimed, suggestion }).toEqual({
      unclaimed: [{ value: '/JOBS/DEV', visitors: 2, isAmbiguous: true }],
      suggestion: [],
    })
  })

  it('compares as many days as --days, in the time zone of the organization, and today', async () => {
    await importJobs(org, [job(1, 'a')])
    visit({ '/today': 1 }, 0)
    visit({ '/recent': 1 }, 4)
    visit({ '/old': 1 }, 40)
    const pagesOf = async (...options: string[]) =>
      (await coverage(options)).unclaimed.map(({ value }: { value: string }) => value).sort()
    expect(await pagesOf()).toEqual(['/recent', '/today'])
    expect(await pagesOf('--days', '1')).toEqual(['/today'])
    expect(await pagesOf('--days', '60')).toEqual(['/old', '/recent', '/today'])
    const wrong = await admin(['job', 'coverage', '--org', org, '--days', '0'])
    expect(wrong).toMatchObject({ code: 2, messages: 'Error: --days must be a number from 1 to 1830\n' })
  })

  it('prints tables and the lines to import', async () => {
    await importJobs(org, [job(1, 'slash'), job(2, 'unseen')])
    visit({ '/jobs/slash/': 3 })
    const { output } = await admin(['job', 'coverage', '--org', org])
    expect(output).toMatch(
      /^Pages of no job:\n.*\n3 +trailing slash +Job 1 \(aaaaaaaa-[^)]*\) +\/jobs\/slash\/$/m,
    )
    expect(output).toMatch(/^aaaaaaaa-0000-4000-8000-000000000002 +active +Job 2 +\/jobs\/unseen$/m)
    const line = output.split('\n').find((each) => each.startsWith('{')) ?? ''
    expect(JSON.parse(line)).toMatchObject({ id: idOf(1), path: '/jobs/slash', paths: ['/jobs/slash/'] })
  })

  it('compares values of a property with IDs in any case, and finds the job of an ID in another form', async () => {
    await importJobs(org, [job(1, 'a'), job(2, 'b'), job(3, 'c'), job(4, 'd')])
    visit({ '/1': 3 }, 2, { job: idOf(1).toUpperCase() })
    visit({ '/2': 2 }, 2, { job: `{${idOf(2).replaceAll('-', '')}}` })
    visit({ '/3': 1 }, 2, { job: 'c' })
    visit({ '/4': 7 })
    const result = await coverage([], { ANALYTICS_JOB_DIMENSION: 'event:props:job' })
    expect(result).toMatchObject({ values: 3, valuesOfNoJob: 2, visitorsWithoutValue: 7, suggestion: [] })
    expect(result.unclaimed).toMatchObject([
      { visitors: 2, differences: ['form of the ID'], job: { id: idOf(2) } },
      { value: 'c', visitors: 1, differences: ['slug instead of ID'], job: { id: idOf(3) } },
    ])
    expect(result.unseen.map(({ id }: { id: string }) => id)).toEqual([idOf(2), idOf(3), idOf(4)])
  })

  it('says in one line what is wrong when the store refuses, and when its bindings are missing', async () => {
    const argv = ['job', 'coverage', '--org', org]
    const refused = await admin(argv, { PLAUSIBLE_API_KEY: 'hunter2' })
    expect(refused.code).toBe(4)
    expect(refused.messages).toMatch(
      /^Error: The analytics store refuses \d+\.board\.example: the store has no such site/,
    )
    expect(refused.messages).not.toContain('hunter2')
    const unavailable = await admin(argv, { PLAUSIBLE_URL: 'http://127.0.0.1:1' })
    expect(unavailable.messages).toMatch(/^Error: The analytics store cannot be used: it cannot be reached/)
    expect(await admin(argv, { PLAUSIBLE_URL: undefined })).toMatchObject({ code: 2 })
    const without = await admin(['job', 'coverage', '--org', '1'])
    expect(without.messages).toBe('Error: The organization has no domain: run org set-domain 1 <domain>\n')
  })
})

describe('plausibleStore', () => {
  it('groups by every value that stands for a job, in slices, with `job_key`', async () => {
    const plausible = await startPlausible({ apiKey: API_KEY })
    const timestamp = Math.floor(Date.now() / 1_000)
    const visits = ['a', 'a', 'b', 'c'].map((name, n) => ({
      ...{
        timestamp,
        domain: SITE,
        name: 'pageview',
        pathname: '/x',
        visitor: String(n),
        props: { job: name },
      },
    }))
    plausible.write(visits)
    const store = plausibleStore({
      ...{ url: plausible.url, apiKey: API_KEY, jobDimension: 'event:props:job', timeoutMs: 5_000 },
    })
    const today = new Date().toISOString().slice(0, 10)
    const base = { metrics: ['visitors'], groupBy: 'job_key', window: { from: today, to: today } } as const
    const signal = AbortSignal.timeout(5_000)
    const first = await store.query(SITE, { ...base, slice: { limit: 2, offset: 0 } }, signal)
    const second = await store.query(SITE, { ...base, slice: { limit: 2, offset: 2 } }, signal)
    await plausible.close()
    expect(first).toMatchObject({
      totalGroups: 3,
      rows: [
        { group: 'a', metrics: [2] },
        { group: 'b', metrics: [1] },
      ],
    })
    expect(second.rows).toEqual([{ group: 'c', metrics: [1] }])
  })
})
