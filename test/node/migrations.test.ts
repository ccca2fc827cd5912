// The migration runner over the real driver, on PGlite and, if there is one, on a Postgres server.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { neon } from '@neondatabase/serverless'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freePort } from '../../local/free-port.ts'
import { migrate, migrationStatus } from '../../migrations/migrate.ts'
import { backends, type FrontUnderTest, type Sql } from './neon-front/front-under-test.ts'

describe.each(backends)('migrations on $name', ({ open }) => {
  if (open === undefined) {
    it.skip('needs the programs of a Postgres server')
    return
  }
  let front: FrontUnderTest
  let sql: Sql
  let directory: string
  beforeAll(async () => {
    front = await open()
    sql = front.owner
  })
  afterAll(() => front?.close())
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'migrations-'))
  })
  afterEach(async () => {
    await rm(directory, { recursive: true })
    await sql`DROP SCHEMA public CASCADE`
    await sql`CREATE SCHEMA public`
  })

  async function write(files: Record<string, string>): Promise<void> {
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
  }

  async function tableNames(): Promise<unknown[]> {
    const rows = await sql`SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`
    return rows.map((row) => row['tablename'])
  }

  it("applies the project's own files once", async () => {
    const files = (await readdir('migrations')).filter((file) => file.endsWith('.sql')).sort()
    const names = files.map((file) => file.replace(/\.sql$/, ''))
    expect(await migrate({ sql, directory: 'migrations' })).toEqual({ applied: names, already: [] })
    expect(await migrate({ sql, directory: 'migrations' })).toEqual({ applied: [], already: names })
    expect(await tableNames()).toEqual([
      'api_keys',
      'audit_log',
      'job_counts',
      'jobs',
      'organizations',
      'schema_migrations',
    ])
  })

  it('applies later files after earlier ones and keeps a record of each', async () => {
    await write({ '0001_first.sql': 'CREATE TABLE first ()', 'README.md': 'not a migration' })
    await migrate({ sql, directory })
    await write({ '0002_second.sql': 'CREATE TABLE second ()', '0003_third.sql': 'DROP TABLE first' })
    expect(await migrate({ sql, directory })).toEqual({
      applied: ['0002_second', '0003_third'],
      already: ['0001_first'],
    })
    expect(await tableNames()).toEqual(['schema_migrations', 'second'])
    expect(
      await sql`SELECT version, name, checksum, applied_at FROM schema_migrations ORDER BY version`,
    ).toEqual(
      ['first', 'second', 'third'].map((name, index) => ({
        version: index + 1,
        name: `000${index + 1}_${name}`,
        checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
        applied_at: expect.any(Date),
      })),
    )
  })

  it('applies a file of many statements, blocks and quotes', async () => {
    await write({
      '0001_all.sql': `-- a comment; with a semicolon
        CREATE TYPE color AS ENUM ('red', 'gr;een');
        CREATE TABLE things (id int PRIMARY KEY, color color NOT NULL DEFAULT 'red', note text);
        CREATE INDEX things_note ON things (note);
        INSERT INTO things (id, note) VALUES (1, 'it''s $1; $$ 100%'), (2, E'a\\nb');
        DO $$
        BEGIN
          UPDATE things SET color = 'gr;een' WHERE id = 2;
          EXECUTE $q$ INSERT INTO things (id) VALUES (3) $q$;
        END
        $$;
        CREATE FUNCTION count_things() RETURNS bigint LANGUAGE sql AS $body$ SELECT count(*) FROM things $body$;
        /* the end */ -- no newline after this`,
    })
    await migrate({ sql, directory })
    expect(await sql`SELECT id, color, note, count_things() FROM things ORDER BY id`).toEqual([
      { id: 1, color: 'red', note: "it's $1; $$ 100%", count_things: '3' },
      { id: 2, color: 'gr;een', note: 'a\nb', count_things: '3' },
      { id: 3, color: 'red', note: null, count_things: '3' },
    ])
  })

  it('applies a file that contains only comments', async () => {
    await write({ '0001_nothing.sql': '-- nothing yet\n' })
    expect(await migrate({ sql, directory })).toEqual({ applied: ['0001_nothing'], already: [] })
  })

  it('rolls back all of a file that fails, names its line, and keeps the files before it', async () => {
    await write({
      '0001_first.sql': 'CREATE TABLE first ()',
      '0002_second.sql': 'CREATE TABLE second ();\n-- ü\nINSERT INTO nowhere VALUES (1);\n',
      '0003_third.sql': 'CREATE TABLE third ()',
    })
    await expect(migrate({ sql, directory })).rejects.toThrow(
      '0002_second.sql, line 3: relation "nowhere" does not exist [SQLSTATE 42P01]',
    )
    expect(await tableNames()).toEqual(['first', 'schema_migrations'])
    expect(await migrationStatus({ sql, directory })).toEqual({
      applied: ['0001_first'],
      pending: ['0002_second', '0003_third'],
    })
  })

  it.each([
    ['a syntax error', 'CREATE TABLE a ();\n\nCREATE TABEL b ();', '0001_bad.sql, line 3: syntax error'],
    ['an error of the data', 'SELECT 1;\nSELECT 1 / 0;', '0001_bad.sql: division by zero'],
    [
      'an end of the transaction',
      'COMMIT;',
      '0001_bad.sql: EXECUTE of transaction commands is not implemented',
    ],
  ])('says where %s is', async (_, text, message) => {
    await write({ '0001_bad.sql': text })
    await expect(migrate({ sql, directory })).rejects.toThrow(message)
    expect(await tableNames()).toEqual(['schema_migrations'])
  })

  it('shows what is pending and changes nothing', async () => {
    await write({ '0001_first.sql': 'CREATE TABLE first ()' })
    expect(await migrationStatus({ sql, directory })).toEqual({ applied: [], pending: ['0001_first'] })
    expect(await tableNames()).toEqual([])
  })

  it('applies each file exactly once when several runners work at once', async () => {
    const numbers = Array.from({ length: 8 }, (_, index) => index + 1)
    await write(
      Object.fromEntries(
        numbers.map((n) => [
          `000${n}_add.sql`,
          n === 1 ? 'CREATE TABLE log (n int)' : `INSERT INTO log VALUES (${n})`,
        ]),
      ),
    )
    const outcomes = await Promise.all(numbers.map(() => migrate({ sql, directory })))
    const names = numbers.map((n) => `000${n}_add`)
    expect(outcomes.flatMap(({ applied }) => applied).sort()).toEqual(names)
    for (const { applied, already } of outcomes) expect([...applied, ...already].sort()).toEqual(names)
    expect(await sql`SELECT n FROM log ORDER BY n`).toEqual(numbers.slice(1).map((n) => ({ n })))
  })

  it.each([
    ['a gap', ['0001_a', '0003_c'], '0003_c.sql comes where 0002 should'],
    ['a number used twice', ['0001_a', '0001_b'], '0001_b.sql comes where 0002 should'],
    ['a start at zero', ['0000_a'], '0000_a.sql comes where 0001 should'],
    ['a name of another form', ['0001_a', '2_b'], '2_b.sql: name a migration NNNN_name.sql'],
  ])('refuses %s before it touches the database', async (_, names, message) => {
    await write(Object.fromEntries(names.map((name) => [`${name}.sql`, 'CREATE TABLE never ()'])))
    await expect(migrationStatus({ sql, directory })).rejects.toThrow(message)
    await expect(migrate({ sql, directory })).rejects.toThrow(message)
    expect(await tableNames()).toEqual([])
  })

  it('refuses an applied file that was edited, but not one with other line ends', async () => {
    await write({ '0001_a.sql': 'CREATE TABLE a ();\nSELECT 1;\n' })
    await migrate({ sql, directory })
    await write({ '0001_a.sql': 'CREATE TABLE a ();\r\nSELECT 1;\r\n' })
    expect(await migrate({ sql, directory })).toEqual({ applied: [], already: ['0001_a'] })
    await write({ '0001_a.sql': 'CREATE TABLE a ();\nSELECT 2;\n', '0002_b.sql': 'CREATE TABLE b ()' })
    await expect(migrate({ sql, directory })).rejects.toThrow('0001_a.sql was edited after it was applied')
    expect(await tableNames()).toEqual(['a', 'schema_migrations'])
  })

  it('refuses to continue when an applied file is missing', async () => {
    await write({ '0001_a.sql': '', '0002_b.sql': '' })
    await migrate({ sql, directory })
    await rm(join(directory, '0002_b.sql'))
    await expect(migrate({ sql, directory })).rejects.toThrow('0002_b.sql was applied but is missing')
    await write({ '0002_renamed.sql': '' })
    await expect(migrate({ sql, directory })).rejects.toThrow('0002_b.sql was applied but is missing')
  })

  it('refuses a record of a later file when an earlier one is not applied', async () => {
    await write({ '0001_a.sql': '', '0002_b.sql': '' })
    await migrate({ sql, directory })
    await sql`DELETE FROM schema_migrations WHERE version = 1`
    await expect(migrate({ sql, directory })).rejects.toThrow('0002_b.sql was applied before 0001_a.sql')
  })

  it('does not repeat the connection string in an error', async () => {
    const host = `127.0.0.1:${await freePort()}`
    const logins = [
      `postgres://owner:s3cret@${host}/job_analytics`,
      'owner:s3cret',
      front.connectionString({ password: 's3cret' }),
    ]
    for (const login of logins) {
      const error: unknown = await migrate({ sql: neon(login), directory }).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ name: 'MigrationError' })
      expect(String(error)).not.toContain('s3cret')
    }
  })
})
