// `job import`: what becomes of each kind of line, that a second run changes nothing, and that it stays small.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DatabaseUnderTest, databases, openEmbedded } from './admin/database-under-test.ts'
import { runCommand, spawnCommand } from './admin/run-command.ts'

const HEADING = 'id,title,slug,path,status,created_at,expires_at'

/** A UUID for a number, the same each time. */
function uuid(seed: number | string): string {
  const hex = createHash('sha256').update(String(seed)).digest('hex')
  return [8, 12, 16, 20, 32].map((end, index) => hex.slice([0, 8, 12, 16, 20][index], end)).join('-')
}

describe('job import', () => {
  let database: DatabaseUnderTest
  let directory: string
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'admin-import-'))
    database = await openEmbedded()
    await admin(['migrate'])
  })
  afterAll(async () => {
    rmSync(directory, { recursive: true })
    await database?.close()
  })

  const admin = (argv: string[], input?: string | Buffer) =>
    runCommand(argv, { environment: database.environment, ...(input !== undefined && { input }) })
  const createOrganization = async () => {
    const created = await admin(['org', 'create', 'Importer', '--json'])
    return String(Object(created.json()['organization']).id)
  }
  const importCsv = async (input: string | Buffer, ...options: string[]) => {
    const org = await createOrganization()
    const result = await admin(
      ['job', 'import', '-', '--format', 'csv', '--org', org, '--json', ...options],
      input,
    )
    const jobs = await database.query(`SELECT id, title, slug, path, status, created_at, expires_at
      FROM jobs WHERE organization_id = ${org} ORDER BY slug`)
    return { ...result, org, jobs }
  }

  it('reads quotes, commas and line breaks in cells, a byte order mark and Windows line ends', async () => {
    const id = uuid('quoted')
    const { code, jobs } = await importCsv(
      `\ufeffid,title,slug\r\n${id},"Senior ""C"" Dev,\r\n remote",dev\r\n\r\n`,
    )
    expect(code).toBe(0)
    expect(jobs).toMatchObject([
      { id, title: 'Senior "C" Dev, remote', slug: 'dev', path: '/jobs/dev', status: 'active' },
    ])
  })

  it('takes the columns in any order and each form of date', async () => {
    const rows = [
      `draft,a,${uuid('a')},A,/a/B/,2026-01-31,2030-12-31T09:00:00+02:00`,
      `,b,${uuid('b')},B,,2026-01-31 10:00:00+00,`,
    ]
    const { jobs } = await importCsv(`status,slug,id,title,path,created_at,expires_at\n${rows.join('\n')}`)
    expect(jobs).toMatchObject([
      {
        path: '/a/B/',
        status: 'draft',
        created_at: '2026-01-31 00:00:00+00',
        expires_at: '2030-12-31 07:00:00+00',
      },
      { path: '/jobs/b', status: 'active', created_at: '2026-01-31 10:00:00+00', expires_at: null },
    ])
  })

  it('reports each bad line with its number and reason, and imports all others', async () => {
    const good = (name: string) => `${uuid(name)},Good,${name},,,,`
    const long = 'x'.repeat(1_000_000)
    const lines = [
      HEADING,
      good('good-1'),
      'not-a-uuid,Title,slug,,,,',
      `${uuid(1)},,slug,,,,`,
      `${uuid(2)},Title,slug,jobs/x,,,`,
      `${uuid(3)},Title,slug,/jobs/x?utm=1,,,`,
      `${uuid(4)},Title,slug,/jobs/a%20b,,,`,
      `${uuid(5)},Title,slug,,open,,`,
      `${uuid(6)},Title,slug,,,2026-02-30,`,
      `${uuid(7)},Title,slug,,,,tomorrow`,
      `${uuid(8)},Title`,
      `${uuid(9)},"Never closed,slug,,,,`,
      good('good-2'),
      `${uuid(10)},A "stray" quote,slug,,,,`,
      `${uuid(11)},${long},slug,,,,`,
      `${uuid(12)},${long}${long},slug,,,,`,
      good('good-1'),
      `${uuid(13)},Title,a/b,,,,`,
      good('good-3'),
    ]
    const { code, jobs, json } = await importCsv(lines.join('\n'))
    expect(code).toBe(5)
    expect(jobs.map(({ slug }) => slug)).toEqual(['good-1', 'good-2', 'good-3'])
    const reasons: [number, RegExp][] = [
      [3, /^id "not-a-uuid" is not a UUID$/],
      [4, /^title is missing$/],
      [5, /^path does not start with "\/"/],
      [6, /^path holds "\?" or "#"/],
      [7, /^path is percent-encoded/],
      [8, /^status "open" is not one of pending, active, expired, draft$/],
      [9, /^created_at "2026-02-30" is not a date/],
      [10, /^expires_at "tomorrow" is not a date/],
      [11, /^it has 2 cells, and the heading 7$/],
      [12, /^a quote is opened and not closed$/],
      [14, /^a quote stands where none may be/],
      [15, /^title is longer than 1000 characters$/],
      [16, /^it is longer than 1 MB$/],
      [17, /^id .* is on an earlier line already$/],
      [18, /^slug holds a space, "\/"/],
    ]
    const { lines: read, inserted, refused, refusedLines } = Object(json())
    expect({ read, inserted, refused }).toEqual({ read: 18, inserted: 3, refused: 15 })
    expect(refusedLines).toEqual(
      reasons.map(([line, reason]) => ({ line, reason: expect.stringMatching(reason) })),
    )
  })

  it('refuses text that Postgres cannot store, line by line', async () => {
    const lines = [
      { id: uuid('nul'), title: 'a\u0000b', slug: 's' },
      { id: uuid('surrogate'), title: 'a\ud800', slug: 's' },
      { id: uuid('fine'), title: 'Ingénieur 🚀', slug: 's', expires_at: null },
      { id: uuid('number'), title: 7, slug: 's' },
      { id: uuid('typo'), title: 'T', slug: 's', stauts: 'draft' },
      ['an array'],
    ]
    const org = await createOrganization()
    const text = lines.map((line) => JSON.stringify(line)).join('\n')
    const input = Buffer.concat([Buffer.from(`${text}\n{\n`), Buffer.from([0xff, 0x0a])])
    const result = await admin(['job', 'import', '-', '--format', 'ndjson', '--org', org, '--json'], input)
    expect(result.code).toBe(5)
    expect(Object(result.json()).refusedLines.map(({ line }: { line: number }) => line)).toEqual([
      1, 2, 4, 5, 6, 7, 8,
    ])
    expect(await database.query(`SELECT title FROM jobs WHERE organization_id = ${org}`)).toEqual([
      { title: 'Ingénieur 🚀' },
    ])
  })

  it('changes nothing the second time, and only what differs the third', async () => {
    const org = await createOrganization()
    const file = join(directory, 'jobs.csv')
    const row = (n: number, title: string) => `${uuid(`again-${n}`)},${title},again-${n}`
    const write = (titles: string[]) =>
      writeFileSync(file, ['id,title,slug', ...titles.map((title, n) => row(n, title))].join('\n'))
    const run = async () => (await admin(['job', 'import', file, '--org', org, '--json'])).json()
    const rows = () => database.query(`SELECT *, xmin FROM jobs WHERE organization_id = ${org} ORDER BY slug`)
    write(['One', 'Two'])
    expect(await run()).toMatchObject({ inserted: 2, updated: 0, unchanged: 0 })
    const before = await rows()
    expect(await run()).toMatchObject({ inserted: 0, updated: 0, unchanged: 2 })
    expect(await rows()).toEqual(before)
    write(['One', 'Zwei', 'Three'])
    expect(await run()).toMatchObject({ inserted: 1, updated: 1, unchanged: 1 })
    expect((await rows())[1]).toMatchObject({ title: 'Zwei', created_at: before[1]?.['created_at'] })
  })

  it("never touches another organization's job", async () => {
    const { org: owner } = await importCsv(`id,title,slug\n${uuid('mine')},Mine,mine`)
    const { code, messages, json } = await importCsv(
      `id,title,slug\n${uuid('mine')},Stolen,x\n${uuid('other')},Own,own`,
    )
    expect(code).toBe(5)
    expect(messages).toContain(`line 2: job ${uuid('mine')} is another organization's; it was left as it is`)
    expect(json()).toMatchObject({ inserted: 1, refused: 1 })
    expect(
      await database.query(`SELECT title, organization_id FROM jobs WHERE id = '${uuid('mine')}'`),
    ).toMatchObject([{ title: 'Mine', organization_id: owner }])
  })

  it('imports nothing of a file with a bad line when it is strict, and nothing when it is a dry run', async () => {
    const org = await createOrganization()
    const file = join(directory, 'strict.csv')
    writeFileSync(file, `id,title,slug\n${uuid('strict')},Good,good\nbad,Bad,bad\n`)
    const run = (option: string) => admin(['job', 'import', file, '--org', org, option])
    const strict = await run('--strict')
    expect(strict.code).toBe(5)
    expect(strict.messages).toMatch(/^Error: line 3: id "bad" is not a UUID; nothing was imported, .*\n$/)
    expect(await run('--dry-run')).toMatchObject({ code: 5, messages: 'line 3: id "bad" is not a UUID\n' })
    expect(await database.query(`SELECT id FROM jobs WHERE organization_id = ${org}`)).toEqual([])
  })

  it.each([
    ['an empty file', '', 2, /The file is empty/],
    ['no heading', `${uuid(1)},Title,slug\n`, 2, /Line 1 names the column "[0-9a-f-]{36}"/],
    ['another separator', 'id;title;slug\n', 2, /Line 1 names the column "id;title;slug": .* with commas/],
    ['a column twice', 'id,title,slug,id\n', 2, /Line 1 names the column "id" twice/],
  ])('says in one line what is wrong with %s', async (_, input, code, message) => {
    const result = await importCsv(input)
    expect(result.code).toBe(code)
    expect(result.messages).toMatch(message)
    expect(result.messages.trim().split('\n')).toHaveLength(1)
    expect(result.jobs).toEqual([])
  })

  it.each([
    ['missing.csv', 3, /^Error: The file cannot be read/],
    ['.', 2, /^Error: The name does not tell the format/],
  ])('says in one line that %s cannot be imported', async (name, code, message) => {
    const result = await admin(['job', 'import', join(directory, name), '--org', '1'])
    expect(result.code).toBe(code)
    expect(result.messages).toMatch(message)
  })

  it('lists jobs a page at a time, the newest first', async () => {
    const rows = [1, 2, 3].map(
      (n) => `${uuid(`page-${n}`)},Job ${n},page-${n},,${n === 2 ? 'draft' : ''},2026-01-0${n},`,
    )
    const { org } = await importCsv([HEADING, ...rows].join('\n'))
    const list = async (...options: string[]) => {
      const { jobs } = Object((await admin(['job', 'list', '--org', org, '--json', ...options])).json())
      return jobs.map(({ slug }: { slug: string }) => slug)
    }
    expect(await list('--limit', '2')).toEqual(['page-3', 'page-2'])
    expect(await list('--after', uuid('page-2'))).toEqual(['page-1'])
    expect(await list('--status', 'draft')).toEqual(['page-2'])
  })
})

describe.each(databases)('a large import into $name', ({ open }) => {
  if (open === undefined) {
    it.skip('needs the programs of a Postgres server')
    return
  }
  const JOBS = 20_000
  let database: DatabaseUnderTest
  let directory: string
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'admin-import-'))
    database = await open()
    await runCommand(['migrate'], { environment: database.environment })
    await runCommand(['org', 'create', 'Large'], { environment: database.environment })
  })
  afterAll(async () => {
    rmSync(directory, { recursive: true })
    await database?.close()
  })

  it('is complete and without duplicates when it is interrupted half-way and run again', {
    timeout: 120_000,
  }, async () => {
    const file = join(directory, 'large.csv')
    const rows = Array.from({ length: JOBS }, (_, n) => `${uuid(n)},"Engineer, level ${n}",engineer-${n}`)
    writeFileSync(file, ['id,title,slug', ...rows].join('\n'))
    const argv = ['job', 'import', file, '--org', '1']

    const child = spawn(process.execPath, ['scripts/admin.ts', ...argv], {
      env: { ...process.env, ...database.environment },
      stdio: 'ignore',
    })
    const exited = once(child, 'exit')
    const countJobs = async () => Number((await database.query('SELECT count(*) FROM jobs'))[0]?.['count'])
    while ((await countJobs()) === 0) {
      expect(child.exitCode).toBeNull()
      await sleep(5)
    }
    child.kill('SIGKILL')
    await exited
    const before = await countJobs()
    expect(before).toBeGreaterThan(0)
    expect(before).toBeLessThan(JOBS)

    const again = await spawnCommand([...argv, '--json'], database.environment)
    expect(again.json()).toMatchObject({ lines: JOBS, refused: 0, updated: 0 })
    expect(await countJobs()).toBe(JOBS)
  })

  it('ends in good order when it is asked to', async () => {
    const interrupt = new AbortController()
    interrupt.abort()
    const result = await runCommand(['job', 'import', '-', '--format', 'csv', '--org', '1'], {
      environment: database.environment,
      input: `id,title,slug\n${uuid('late')},Late,late`,
      interrupted: interrupt.signal,
    })
    expect(result.code).toBe(130)
    expect(result.messages).toMatch(
      /^Error: Interrupted with 0 jobs in place: run the same again to complete it\n$/,
    )
  })
})
