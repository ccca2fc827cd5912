// `job import`: the result of each kind of file and line, and that a second run changes nothing.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseJob } from '../../scripts/admin/import/job-record.ts'
import { readLines } from '../../scripts/admin/import/lines.ts'
import { type DatabaseUnderTest, databases, openEmbedded } from './admin/database-under-test.ts'
import { runCommand, spawnCommand } from './admin/run-command.ts'

const HEADING = 'id,title,slug,path,status,created_at,expires_at'

/** Returns the same UUID for the same seed. */
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

  it('accepts the columns in any order and every form of date', async () => {
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
      [6, /^path holds "\?"/],
      [7, /^path is percent-encoded/],
      [8, /^status "open" is not one of pending, active, expired, draft$/],
      [9, /^created_at "2026-02-30" is not a date/],
      [10, /^expires_at "tomorrow" is not a date/],
      [11, /^it has 2 cells, and the heading 7$/],
      [12, /^a quote is opened and not closed$/],
      [14, /^a quote is not allowed here/],
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

  it('changes nothing when a file is imported again, and then only lines that differ', async () => {
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

  it("refuses the line of another organization's job and leaves the job as it is", async () => {
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

  it('imports nothing of a file with a bad line with --strict, and nothing with --dry-run', async () => {
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
  ])('says in one line why %s cannot be imported', async (name, code, message) => {
    const result = await admin(['job', 'import', join(directory, name), '--org', '1'])
    expect(result.code).toBe(code)
    expect(result.messages).toMatch(message)
  })

  const line = (id: string, title: string, slug: string, ...rest: string[]) =>
    [uuid(id), title, slug, ...rest].join()
  const utf16 = (text: string, order: 'le' | 'be') => {
    const bytes = Buffer.from(`\ufeff${text}`, 'utf16le')
    return order === 'le' ? bytes : bytes.swap16()
  }

  it.each<[string, string | Buffer]>([
    [
      'line ends of CR alone',
      `${HEADING}\r${line('cr-1', 'Nurse', 'nurse')},,active,2026-10-01,\r${line('cr-2', 'Cook', 'cook')},,,,\r`,
    ],
    [
      'UTF-16 with a byte order mark',
      utf16(
        `id,title,slug\r\n${line('le-1', 'Nurse', 'nurse')}\r\n${line('le-2', 'Cook', 'cook')}\r\n`,
        'le',
      ),
    ],
    [
      'big-endian UTF-16',
      utf16(`id,title,slug\n${line('be-1', 'Nurse', 'nurse')}\n${line('be-2', 'Cook', 'cook')}`, 'be'),
    ],
    [
      'a first line "sep=,"',
      `sep=,\r\nid,title,slug\r\n${line('sep-1', 'Nurse', 'nurse')}\r\n${line('sep-2', 'Cook', 'cook')}\r\n`,
    ],
    [
      'a first line "sep=;"',
      `sep=;\nid;title;slug\n${uuid('semi-1')};Nurse;nurse\n${uuid('semi-2')};"Cook";cook\n`,
    ],
    [
      'semicolons and a byte order mark',
      `\ufeff"sep=;"\nid;title;slug\n${uuid('bom-1')};Nurse;nurse\n${uuid('bom-2')};Cook;cook\n`,
    ],
    [
      'blank lines and rows of commas before the heading',
      `\n \n,,\nid,title,slug\n${line('lead-1', 'Nurse', 'nurse')}\n${line('lead-2', 'Cook', 'cook')}\n`,
    ],
    [
      'headings in other cases',
      `ID,Title,SLUG,Created At\n${line('case-1', 'Nurse', 'nurse', '')}\n${line('case-2', 'Cook', 'cook', '2026-10-01')}\n`,
    ],
    [
      'rows of only commas',
      `id,title,slug,path\r\n,,,\r\n${line('rows-1', 'Nurse', 'nurse', '')}\r\n,,,\r\n${line('rows-2', 'Cook', 'cook', '')}\r\n,,,,,,\r\n , ,,\r\n`,
    ],
    [
      'blanks around every cell',
      `id, title, slug, status, created_at\n${uuid('blank-1')} , Nurse, nurse , active , 2026-10-01\n ${uuid('blank-2')},Cook,cook, , \n`,
    ],
  ])('imports CSV with %s', async (_, input) => {
    const { code, messages, jobs, json } = await importCsv(input)
    expect(messages).toBe('')
    expect(code).toBe(0)
    expect(json()).toMatchObject({ lines: 2, inserted: 2, refused: 0 })
    expect(jobs).toMatchObject([
      { title: 'Cook', slug: 'cook', path: '/jobs/cook', status: 'active' },
      { title: 'Nurse', slug: 'nurse', path: '/jobs/nurse', status: 'active' },
    ])
  })

  it.each<[string, string | Buffer, RegExp]>([
    [
      'UTF-16 without a byte order mark',
      Buffer.from('id,title,slug', 'utf16le'),
      /UTF-16 without .*: save it as UTF-8/,
    ],
    ['damaged UTF-16', Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x41, 0x00]), /damaged UTF-16: save it as UTF-8/],
    ['a workbook', Buffer.from('PK\u0003\u0004rest of an archive'), /workbook .*: save it as "CSV UTF-8/],
    ['a compressed file', Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0x00]), /compressed with gzip: unpack it/],
    [
      'a heading without a required column',
      'id,title\n',
      /Line 1 does not name the column slug: add it, or .*--map slug=/,
    ],
    [
      'extra columns',
      'id,title,slug,department,location\n',
      /Line 1 names the columns "department", "location": .*--ignore-extra-columns/,
    ],
  ])('says in one line what is wrong with %s', async (_, input, message) => {
    const result = await importCsv(input)
    expect(result.code).toBe(2)
    expect(result.messages).toMatch(message)
    expect(result.messages.trim().split('\n')).toHaveLength(1)
    expect(result.jobs).toEqual([])
  })

  it('leaves out extra columns with --ignore-extra-columns', async () => {
    const { code, jobs } = await importCsv(
      `id,title,slug,department,location,\n${line('extra', 'Cook', 'cook', 'Kitchen', 'Lyon', '')}\n`,
      '--ignore-extra-columns',
    )
    expect(code).toBe(0)
    expect(jobs).toMatchObject([{ title: 'Cook', slug: 'cook' }])
  })

  it('reads columns of other names with --map, in CSV and in NDJSON', async () => {
    const map = ['--map', 'id=job_id,title=Name', '--map', 'slug=url key', '--ignore-extra-columns']
    const csv = await importCsv(`ID,Job ID,name,URL Key\n17,${line('mapped', 'Cook', 'cook')}\n`, ...map)
    expect(csv).toMatchObject({ code: 0, jobs: [{ id: uuid('mapped'), title: 'Cook', slug: 'cook' }] })
    const org = await createOrganization()
    const record = { id: 17, job_id: uuid('mapped-2'), Name: 'Nurse', 'url key': 'nurse', team: { size: 3 } }
    const argv = ['job', 'import', '-', '--format', 'ndjson', '--org', org, ...map]
    expect(await admin(argv, JSON.stringify(record))).toMatchObject({ code: 0 })
    expect(await database.query(`SELECT id, title FROM jobs WHERE organization_id = ${org}`)).toEqual([
      { id: uuid('mapped-2'), title: 'Nurse' },
    ])
  })

  it.each([
    ['id', /--map "id" is not <column>=<name in the file>/],
    ['job=id', /--map "job=id" is not <column>=/],
    ['id=a,id=b', /--map names "id=b" twice/],
    ['id=job_id', /--map names "job_id", but line 1 has no such column/],
  ])('refuses --map %s', async (map, message) => {
    const { code, messages } = await importCsv('id,title,slug\n', '--map', map, '--ignore-extra-columns')
    expect(code).toBe(2)
    expect(messages).toMatch(message)
  })

  const importJson = async (input: string) => {
    const org = await createOrganization()
    const result = await admin(['job', 'import', '-', '--format', 'json', '--org', org, '--json'], input)
    const jobs = await database.query(
      `SELECT title, slug FROM jobs WHERE organization_id = ${org} ORDER BY slug`,
    )
    return { ...result, jobs }
  }

  it('reads one JSON array over many lines, and names the line of each bad element', async () => {
    const jobs = [
      { id: uuid('array-1'), title: 'Cook, "chef" ]}', slug: 'cook' },
      { id: 'bad', title: 'Bad', slug: 'bad' },
      { id: uuid('array-2'), title: 'Nurse [night]', slug: 'nurse' },
    ]
    const { code, messages, jobs: stored } = await importJson(JSON.stringify(jobs, null, 2))
    expect(code).toBe(5)
    expect(messages).toBe('line 7: id "bad" is not a UUID\n')
    expect(stored).toEqual([
      { title: 'Cook, "chef" ]}', slug: 'cook' },
      { title: 'Nurse [night]', slug: 'nurse' },
    ])
    const again = await importJson(JSON.stringify([{ id: uuid('array-3'), title: 'One', slug: 'one' }]))
    expect(again).toMatchObject({ code: 0, jobs: [{ slug: 'one' }] })
    expect(await importJson('[]')).toMatchObject({ code: 0, jobs: [] })
  })

  it.each([
    ['an array that is not closed', '[{"id":1},\n', 5, /the array is not closed with "\]"/],
    ['text after the array', '[]\nmore', 5, /line 2: it stands after the end of the array/],
    [
      'an object over several lines',
      '{\n  "jobs": []\n}',
      2,
      /^Error: Line 1 begins a JSON object that goes over several/,
    ],
  ])('says what is wrong with %s', async (_, input, code, message) => {
    const result = await importJson(input)
    expect(result.code).toBe(code)
    expect(result.messages).toMatch(message)
    expect(result.messages.trim().split('\n').length).toBeLessThanOrEqual(2)
  })

  it('warns with both lines when two jobs share a slug or a page, and imports both', async () => {
    const { code, messages, json, jobs } = await importCsv(
      [
        'id,title,slug,path',
        line('twin-1', 'Nurse (day)', 'nurse-lyon', ''),
        line('twin-2', 'Nurse (night)', 'nurse-lyon', ''),
        line('twin-3', 'Cook', 'cook', '/work'),
        line('twin-4', 'Chef', 'chef', '/work'),
        line('twin-5', 'Other page', 'cook', '/other'),
      ].join('\n'),
    )
    expect(code).toBe(0)
    expect(jobs).toHaveLength(5)
    expect(messages.trim().split('\n')).toEqual([
      'Warning: line 3: slug "nurse-lyon" is on line 2 too, and so is its page, so both jobs are counted with all visitors of that page',
      'Warning: line 5: path "/work" is on line 4 too, so both jobs are counted with all visitors of that page',
      'Warning: line 6: slug "cook" is on line 4 too',
    ])
    expect(Object(json()).warnings.map((warning: { line: number }) => warning.line)).toEqual([3, 5, 6])
  })

  it('keeps a path with "#" as the store records it, and refuses one with a query before it', async () => {
    const { code, messages, jobs } = await importCsv(
      [
        'id,title,slug,path',
        line('hash-1', 'C#', 'c#-dev', ''),
        line('hash-2', 'Hash mode', 'hash', '/#/jobs/1?tab=a'),
        line('hash-3', 'Query', 'query', '/jobs?id=1#top'),
      ].join('\n'),
    )
    expect(code).toBe(5)
    expect(messages).toBe('line 4: path holds "?": the analytics store records it without the query\n')
    expect(jobs.map(({ path }) => path)).toEqual(['/jobs/c#-dev', '/#/jobs/1?tab=a'])
  })

  it('accepts only dates that Postgres, ISO 8601 and a cursor all write with a year of four digits', async () => {
    const good = [
      ['9999-12-31T23:59:59.9999999Z', '9999-12-31T23:59:59.999999Z'],
      ['9999-12-31T23:59:59.999999999+00:00', '9999-12-31T23:59:59.999999Z'],
      ['9999-12-31', '9999-12-31T00:00:00.000000Z'],
      ['0001-01-01', '0001-01-01T00:00:00.000000Z'],
      ['0001-01-01T00:00:00-23:59', '0001-01-01T23:59:00.000000Z'],
      ['2026-06-30T12:00:00.1234567+23:00', '2026-06-29T13:00:00.123456Z'],
      ['1883-11-18 12:03:58Z', '1883-11-18T12:03:58.000000Z'],
    ]
    const bad = [
      '0000-01-01',
      '9999-12-31T23:59:59-05:00',
      '9999-12-31T24:00:00Z',
      '0001-01-01T00:00:00+00:01',
      '10000-01-01',
      '-0001-01-01',
      '2026-06-30T12:00:60Z',
      'infinity',
    ]
    const rows = [...good.map(([date]) => date), ...bad].map((date, n) =>
      line(`date-${n}`, 'T', `date-${String(n).padStart(2, '0')}`, date ?? ''),
    )
    const { code, org, json } = await importCsv(['id,title,slug,created_at', ...rows].join('\n'))
    expect(code).toBe(5)
    expect(Object(json()).refusedLines.map((refused: { line: number }) => refused.line)).toEqual(
      bad.map((_, n) => good.length + 2 + n),
    )
    const written = `to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
    const stored = await database.query(
      `SELECT ${written} AS text, ${written}::timestamptz = created_at AS same FROM jobs WHERE organization_id = ${org} ORDER BY slug`,
    )
    expect(stored).toEqual(good.map(([, text]) => ({ text, same: 't' })))
    const listed = Object((await admin(['job', 'list', '--org', org, '--json'])).json()).jobs
    for (const { createdAt } of listed) expect(createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  it('accepts nothing that Postgres refuses or changes, in 500 random records', {
    timeout: 60_000,
  }, async () => {
    const digits = (max: number, length: number) =>
      fc.integer({ min: 0, max }).map((value) => String(value).padStart(length, '0'))
    const zone = fc.oneof(
      fc.constant('Z'),
      fc
        .tuple(fc.constantFrom('+', '-'), digits(24, 2), digits(60, 2))
        .map(([sign, hours, minutes]) => `${sign}${hours}:${minutes}`),
    )
    const date = fc
      .tuple(
        fc.constantFrom('0000', '0001', '1582', '1883', '2026', '9999'),
        digits(13, 2),
        digits(31, 2),
        digits(24, 2),
        digits(60, 2),
        digits(999_999_999, 9),
        zone,
      )
      .map(
        ([year, month, day, hour, minute, fraction, at]) =>
          `${year}-${month}-${day}T${hour}:${minute}:59.${fraction}${at}`,
      )
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme', maxLength: 300 }),
    )
    const records = fc.record({
      id: fc.uuid(),
      title: text,
      slug: text,
      path: fc.oneof(
        fc.constant(''),
        text.map((rest) => `/${rest}`),
      ),
      paths: fc.option(
        fc.array(
          text.map((rest) => `/${rest}`),
          { maxLength: 2 },
        ),
      ),
      created_at: date,
      expires_at: date,
    })
    const sample = fc.sample(records, { numRuns: 500, seed: 7 })
    const org = await createOrganization()
    const argv = ['job', 'import', '-', '--format', 'ndjson', '--org', org, '--json']
    const { output } = await admin(argv, sample.map((record) => JSON.stringify(record)).join('\n'))
    const accepted = sample.flatMap((record) => {
      const parsed = parseJob(record)
      return 'job' in parsed ? [parsed.job] : []
    })
    expect(accepted.length).toBeGreaterThan(50)
    expect(JSON.parse(output)).toMatchObject({ inserted: accepted.length })
    expect(output).not.toContain('the database refuses')
    const written = (column: string) =>
      `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
    const stored = await database.query(
      `SELECT id, title, slug, path, to_json(paths)::text AS paths, ${written('created_at')} AS created_at, ${written('expires_at')} AS expires_at
        FROM jobs WHERE organization_id = ${org} ORDER BY id`,
    )
    const micros = (instant: string | null) =>
      instant?.replace(/Z$/, '').concat(instant.includes('.') ? 'Z' : '.000000Z')
    expect(stored.map((job) => ({ ...job, paths: JSON.parse(String(job['paths'])) }))).toEqual(
      accepted
        .map(({ status: _, ...job }) => ({
          ...job,
          paths: job.paths ?? [],
          created_at: micros(job.created_at),
          expires_at: micros(job.expires_at),
        }))
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    )
  })

  it('refuses the line of the year zero and imports the two beside it, by run and by dry run', async () => {
    const org = await createOrganization()
    const rows = ['2026-10-01T00:00:00Z', '0000-01-01', '2026-10-01T00:00:00Z'].map((created_at, n) =>
      JSON.stringify({ id: uuid(`zero-${n}`), title: 'T', slug: `zero-${n}`, created_at }),
    )
    const run = (...options: string[]) =>
      admin(['job', 'import', '-', '--format', 'ndjson', '--org', org, ...options], rows.join('\n'))
    const message = 'line 2: created_at "0000-01-01" is outside the years 1 to 9999 (in UTC)\n'
    expect(await run('--dry-run')).toMatchObject({ code: 5, messages: message })
    expect(await run()).toMatchObject({ code: 5, messages: message })
    expect(
      await database.query(`SELECT slug FROM jobs WHERE organization_id = ${org} ORDER BY slug`),
    ).toEqual([{ slug: 'zero-0' }, { slug: 'zero-2' }])
  })

  it("finds another organization's job in a dry run, counts what an import would do, and changes nothing", async () => {
    const { org } = await importCsv(
      `id,title,slug\n${line('dry-1', 'Old', 'dry-1')}\n${line('dry-2', 'Same', 'dry-2')}`,
    )
    await importCsv(`id,title,slug\n${line('dry-3', 'Foreign', 'dry-3')}`)
    const input = [
      'id,title,slug',
      line('dry-1', 'New', 'dry-1'),
      line('dry-2', 'Same', 'dry-2'),
      line('dry-3', 'Stolen', 'dry-3'),
      line('dry-4', 'Added', 'dry-4'),
    ].join('\n')
    const run = (...options: string[]) =>
      admin(['job', 'import', '-', '--format', 'csv', '--org', org, '--json', ...options], input)
    const before = await database.query('SELECT *, xmin FROM jobs ORDER BY id')
    const counts = { lines: 4, inserted: 1, updated: 1, unchanged: 1, refused: 1 }
    const dry = await run('--dry-run')
    expect(dry.json()).toMatchObject({ dryRun: true, ...counts })
    expect(await run('--strict')).toMatchObject({ code: 5 })
    expect(await database.query('SELECT *, xmin FROM jobs ORDER BY id')).toEqual(before)
    const real = await run()
    expect(real.json()).toMatchObject(counts)
    expect(real.messages).toBe(dry.messages)
  })

  it('lists jobs by page, newest first, with job list', async () => {
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

describe.each(databases)('job import into $name', ({ open }) => {
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

  it('is complete and without duplicates when it is killed half-way and run again', {
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

  it('imports 2,499 of 2,500 lines and names the one whose date the database refuses', {
    timeout: 120_000,
  }, async () => {
    const poisoned = 1_777
    await database.query(
      `ALTER TABLE jobs ADD CONSTRAINT no_poison CHECK (created_at <> '2001-02-03T04:05:06Z')`,
    )
    await runCommand(['org', 'create', 'Bisected'], { environment: database.environment })
    const rows = Array.from(
      { length: 2_500 },
      (_, n) =>
        `${uuid(`bisect-${n}`)},T,bisect-${n},${n === poisoned ? '2001-02-03T04:05:06Z' : '2026-01-01'}`,
    )
    const run = (...options: string[]) =>
      runCommand(['job', 'import', '-', '--format', 'csv', '--org', '2', '--json', ...options], {
        environment: database.environment,
        input: ['id,title,slug,created_at', ...rows].join('\n'),
      })
    const count = async () =>
      Number((await database.query('SELECT count(*) FROM jobs WHERE organization_id = 2'))[0]?.['count'])
    const line = poisoned + 2
    const reason = 'the database refuses it (SQLSTATE 23514, constraint no_poison)'
    const expected = { lines: 2_500, inserted: 2_499, refused: 1, refusedLines: [{ line, reason }] }

    const strict = await run('--strict')
    expect(strict.code).toBe(5)
    expect(strict.messages).toBe(
      `Error: line ${line}: ${reason}; nothing was imported, correct the line and run this again\n`,
    )
    expect(await count()).toBe(0)
    const dry = await run('--dry-run')
    expect(dry).toMatchObject({ code: 5, messages: `line ${line}: ${reason}\n` })
    expect(dry.json()).toMatchObject({ dryRun: true, ...expected })
    expect(await count()).toBe(0)
    const real = await run()
    expect(real).toMatchObject({ code: 5, messages: dry.messages })
    expect(real.json()).toMatchObject(expected)
    expect(await count()).toBe(2_499)
  })

  it('meets deferred constraints in a dry run as in a run', async () => {
    await database.query(`CREATE FUNCTION refuse_late() RETURNS trigger LANGUAGE plpgsql AS
      'begin if new.slug = ''late'' then raise exception ''late''; end if; return null; end'`)
    await database.query(`CREATE CONSTRAINT TRIGGER late AFTER INSERT ON jobs DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION refuse_late()`)
    await runCommand(['org', 'create', 'Deferred'], { environment: database.environment })
    const run = (...options: string[]) =>
      runCommand(['job', 'import', '-', '--format', 'csv', '--org', '3', ...options], {
        environment: database.environment,
        input: `id,title,slug\n${uuid('early')},T,early\n${uuid('late')},T,late\n`,
      })
    const refused = { code: 5, messages: 'line 3: the database refuses it (SQLSTATE P0001)\n' }
    expect(await run('--dry-run')).toMatchObject(refused)
    expect(await run()).toMatchObject(refused)
    expect(await database.query('SELECT slug FROM jobs WHERE organization_id = 3')).toEqual([
      { slug: 'early' },
    ])
  })

  it('reports what is in place when it is interrupted', async () => {
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

describe('readLines', () => {
  it('numbers lines alike for every kind of line end and every size of chunk', async () => {
    const text = 'a\r\n\r\nb\rc\n\nd\r\r\ne'
    const expected = ['a', '', 'b', 'c', '', 'd', '', 'e'].map((value, index) => ({ line: index + 1, value }))
    for (let size = 1; size <= text.length; size++) {
      const bytes = Buffer.from(text)
      const chunks = async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
      }
      const lines: unknown[] = []
      for await (const line of readLines(chunks())) lines.push(line)
      expect(lines, `chunks of ${size}`).toEqual(expected)
    }
  })
})
