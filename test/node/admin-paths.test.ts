// `job import`: the column `paths` in each format, and the warnings about pages that two jobs share.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { splitPaths } from '../../scripts/admin/import/job-record.ts'
import { UuidLines } from '../../scripts/admin/import/uuid-lines.ts'
import { type DatabaseUnderTest, openEmbedded } from './admin/database-under-test.ts'
import { runCommand } from './admin/run-command.ts'

/** Returns the same UUID for the same seed. */
function uuid(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex')
  return [8, 12, 16, 20, 32].map((end, index) => hex.slice([0, 8, 12, 16, 20][index], end)).join('-')
}

const NFD = 'développeur'.normalize('NFD')
const NFC = 'développeur'.normalize('NFC')
const SHARED = 'so both jobs are counted with all visitors of that page'

describe('job import: paths', () => {
  let database: DatabaseUnderTest
  beforeAll(async () => {
    database = await openEmbedded()
    await admin(['migrate'])
  })
  afterAll(() => database?.close())

  const admin = (argv: string[], input?: string) =>
    runCommand(argv, { environment: database.environment, ...(input !== undefined && { input }) })
  const createOrganization = async () => {
    const created = await admin(['org', 'create', 'Importer', '--json'])
    return String(Object(created.json()['organization']).id)
  }
  const importInto = (org: string, format: string, input: string, ...options: string[]) =>
    admin(['job', 'import', '-', '--format', format, '--org', org, ...options], input)
  const pagesIn = async (org: string) => {
    const rows = await database.query(
      `SELECT slug, path, to_json(paths)::text AS paths FROM jobs WHERE organization_id = ${org} ORDER BY slug`,
    )
    return rows.map(({ slug, path, paths }) => ({ slug, path, paths: JSON.parse(String(paths)) }))
  }

  it('reads a CSV cell separated by "|", with \\| and \\\\ as the characters themselves', async () => {
    const org = await createOrganization()
    const rows = [
      `${uuid('csv-1')},A,a,/de/jobs/a | /jobs/a/|/jobs/a`,
      `${uuid('csv-2')},B,b,/jobs/b\\|c|/jobs/b\\\\d`,
      `${uuid('csv-3')},C,c,`,
      `${uuid('csv-4')},D,d,"/jobs/d,e|/jobs/""d"""`,
    ]
    const result = await importInto(org, 'csv', `id,title,slug,paths\n${rows.join('\n')}`)
    expect(result).toMatchObject({ code: 0, messages: '' })
    expect(await pagesIn(org)).toEqual([
      { slug: 'a', path: '/jobs/a', paths: ['/de/jobs/a', '/jobs/a/'] },
      { slug: 'b', path: '/jobs/b', paths: ['/jobs/b|c', '/jobs/b\\d'] },
      { slug: 'c', path: '/jobs/c', paths: [] },
      { slug: 'd', path: '/jobs/d', paths: ['/jobs/d,e', '/jobs/"d"'] },
    ])
  })

  it('splits any paths that were escaped and joined back into the same paths', () => {
    const path = fc
      .string({ unit: fc.constantFrom('|', '\\', 'a', '/', 'é', ' ') })
      .map((text) => `/${text}x`)
    fc.assert(
      fc.property(fc.array(path, { minLength: 1 }), (paths) => {
        const cell = paths.map((text) => text.replaceAll(/[|\\]/g, '\\$&')).join('|')
        expect(splitPaths(cell)).toEqual(paths)
      }),
    )
  })

  it('reads an array in NDJSON and in a JSON array', async () => {
    const org = await createOrganization()
    const job = (name: string, paths: unknown) => ({
      id: uuid(`json-${name}`),
      title: 'T',
      slug: name,
      paths,
    })
    expect(await importInto(org, 'ndjson', JSON.stringify(job('a', ['/x|y', '/z'])))).toMatchObject({
      code: 0,
    })
    expect(await importInto(org, 'json', JSON.stringify([job('b', ['/b/']), job('c', null)]))).toMatchObject({
      code: 0,
    })
    expect((await pagesIn(org)).map(({ paths }) => paths)).toEqual([['/x|y', '/z'], ['/b/'], []])
  })

  it('keeps the further paths of a job whose line has none, and removes them for an empty array or a single |', async () => {
    const org = await createOrganization()
    const ndjson = (fields: object) =>
      importInto(
        org,
        'ndjson',
        JSON.stringify({ id: uuid('kept'), title: 'T', slug: 's', ...fields }),
        '--json',
      )
    const csv = (cell: string) =>
      importInto(org, 'csv', `id,title,slug,paths\n${uuid('kept')},T,s,${cell}\n`, '--json')
    const paths = async () => (await pagesIn(org))[0]?.paths
    await ndjson({ paths: ['/old', '/new'] })
    expect((await ndjson({})).json()).toMatchObject({ unchanged: 1 })
    expect((await csv('')).json()).toMatchObject({ unchanged: 1 })
    expect(await paths()).toEqual(['/old', '/new'])
    expect((await ndjson({ path: '/new' })).json()).toMatchObject({ updated: 1 })
    expect(await pagesIn(org)).toEqual([{ slug: 's', path: '/new', paths: ['/old'] }])
    expect((await csv('|')).json()).toMatchObject({ updated: 1 })
    expect(await paths()).toEqual([])
    await ndjson({ paths: ['/old'] })
    expect((await ndjson({ paths: [] })).json()).toMatchObject({ updated: 1 })
    expect(await paths()).toEqual([])
  })

  it('normalizes path to NFC as browsers send it, and keeps a further path that is not NFC in both forms', async () => {
    const org = await createOrganization()
    const jobs = [
      { id: uuid('nfc-1'), title: 'T', slug: 'a', path: `/jobs/${NFD}`, paths: [`/jobs/${NFD}`] },
      { id: uuid('nfc-2'), title: 'T', slug: 'b', paths: [`/fr/${NFD}`] },
      { id: uuid('nfc-3'), title: 'T', slug: `c-${NFD}` },
    ]
    await importInto(org, 'json', JSON.stringify(jobs))
    expect((await pagesIn(org)).map(({ path, paths }) => ({ path, paths }))).toEqual([
      { path: `/jobs/${NFC}`, paths: [`/jobs/${NFD}`] },
      { path: '/jobs/b', paths: [`/fr/${NFC}`, `/fr/${NFD}`] },
      { path: `/jobs/c-${NFC}`, paths: [] },
    ])
  })

  it('imports further paths with "#", "?" and an encoded character as the store recorded them', async () => {
    const org = await createOrganization()
    const paths = ['/jobs/c#-dev', '/#/jobs/1?tab=a', '/jobs/what?', '/jobs/a%20b', '/jobs/100%']
    const job = { id: uuid('odd'), title: 'T', slug: 'odd', paths }
    expect(await importInto(org, 'ndjson', JSON.stringify(job))).toMatchObject({ code: 0, messages: '' })
    expect(await pagesIn(org)).toEqual([{ slug: 'odd', path: '/jobs/odd', paths }])
    const encoded = { id: uuid('encoded'), title: 'T', slug: 'encoded', path: '/jobs/a%20b' }
    expect((await importInto(org, 'ndjson', JSON.stringify(encoded))).messages).toBe(
      'line 1: path is percent-encoded: the analytics store records it decoded (a page that it really has so belongs in paths)\n',
    )
  })

  it.each<[string, unknown, RegExp]>([
    ['text', '/a', /^line 1: paths is not an array of paths$/m],
    ['a number in it', ['/a', 7], /^line 1: paths holds something that is not text$/m],
    ['a path without "/"', ['jobs/a'], /^line 1: paths holds "jobs\/a", which does not start with "\/"/m],
    ['a blank path', [' '], /^line 1: paths is missing$/m],
    ['a control character', ['/a\u0000b'], /^line 1: paths holds a control character$/m],
    [
      'a path of 2,001 characters',
      [`/${'x'.repeat(2_000)}`],
      /^line 1: paths is longer than 2000 characters$/m,
    ],
    ['21 paths', Array.from({ length: 21 }, (_, n) => `/${n}`), /^line 1: paths holds more than 20$/m],
  ])('refuses the line when paths is %s', async (_, paths, message) => {
    const org = await createOrganization()
    const job = { id: uuid('refused'), title: 'T', slug: 's', paths }
    const { code, messages } = await importInto(org, 'ndjson', JSON.stringify(job))
    expect(code).toBe(5)
    expect(messages).toMatch(message)
    expect(await pagesIn(org)).toEqual([])
  })

  it('warns with both lines when jobs of one file share a page across path and paths', async () => {
    const org = await createOrganization()
    const jobs = [
      { id: uuid('file-1'), title: 'T', slug: 'a', paths: ['/de/a', '/old'] },
      { id: uuid('file-2'), title: 'T', slug: 'b', path: '/de/a' },
      { id: uuid('file-3'), title: 'T', slug: 'c', paths: ['/jobs/a', '/old'] },
      { id: uuid('file-4'), title: 'T', slug: 'd', paths: ['/jobs/d/'] },
    ]
    const input = jobs.map((job) => JSON.stringify(job)).join('\n')
    const expected = [
      `Warning: line 2: path "/de/a" is on line 1 too, ${SHARED}`,
      `Warning: line 3: "/jobs/a" of paths is on line 1 too, ${SHARED}; "/old" of paths is on line 1 too, ${SHARED}`,
    ]
    for (const options of [['--dry-run'], ['--strict'], []]) {
      const { code, messages } = await importInto(org, 'ndjson', input, ...options)
      expect({ code, lines: messages.trim().split('\n') }).toEqual({ code: 0, lines: expected })
    }
  })

  it('warns of a page that another job in the database has, and of nothing in other organizations', async () => {
    const [org, other] = [await createOrganization(), await createOrganization()]
    const job = (name: string, fields: object) => ({
      id: uuid(`db-${name}`),
      title: 'T',
      slug: name,
      ...fields,
    })
    const run = async (into: string, ...jobs: object[]) => {
      const lines = jobs.map((each) => JSON.stringify(each)).join('\n')
      const result = await importInto(into, 'ndjson', lines, '--json')
      expect(result.code).toBe(0)
      return Object(result.json()).warnings
    }
    await run(other, job('other', { path: '/a', paths: ['/b'] }))
    expect(await run(org, job('first', { path: '/a', paths: ['/b'] }), job('quiet', {}))).toEqual([])
    const warning = (line: number, page: string, name: string) => ({
      line,
      reason: `its page "${page}" is a page of job ${uuid(`db-${name}`)} too, ${SHARED}`,
    })
    expect(await run(org, job('free', {}), job('second', { path: '/b' }))).toEqual([
      warning(2, '/b', 'first'),
    ])
    expect(await run(org, job('third', { paths: ['/a'] }))).toEqual([warning(1, '/a', 'first')])
    expect(await run(org, job('free', {}))).toEqual([])
  })

  it('job list: shows the further paths', async () => {
    const org = await createOrganization()
    await importInto(org, 'csv', `id,title,slug,paths\n${uuid('listed')},T,a,/de/a|/a/\n`)
    const listed = await admin(['job', 'list', '--org', org])
    expect(listed.output).toMatch(/further paths\n.* \/jobs\/a {2,}\/de\/a {2}\/a\/\n$/)
    const { jobs } = Object((await admin(['job', 'list', '--org', org, '--json'])).json())
    expect(jobs).toMatchObject([{ path: '/jobs/a', paths: ['/de/a', '/a/'] }])
  })
})

describe('UuidLines', () => {
  it('finds the first line of each of 100,000 UUIDs, the one of zeros among them', () => {
    const lines = new UuidLines()
    const id = (n: number) => `00000000-0000-0000-0000-${n.toString(16).padStart(12, '0')}`
    const numbers = Array.from({ length: 100_000 }, (_, n) => n)
    expect(numbers.filter((n) => lines.find(id(n), n + 1) !== undefined)).toEqual([])
    expect(numbers.filter((n) => lines.find(id(n), 200_000) !== n + 1)).toEqual([])
    expect([lines.lineOf(id(0)), lines.lineOf(id(99_999)), lines.lineOf(id(100_000))]).toEqual([
      1,
      100_000,
      undefined,
    ])
  })
})
