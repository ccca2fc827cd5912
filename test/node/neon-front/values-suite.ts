// What goes in as a parameter and comes out as a value, in every shape the driver and the bare protocol offer.
import { describe, expect, it } from 'vitest'
import type { FrontUnderTest } from './front-under-test.ts'

export function describeValues(front: () => FrontUnderTest): void {
  describe('values', () => {
    it('gives each type as the driver documents it', async () => {
      const [row] = await front().owner`
        SELECT 41 + ${1}::int AS int4, 9007199254740993::int8 AS int8, count(*), 1.10::numeric AS numeric,
          1.5::float8 AS float8, 'NaN'::float8 AS nan, true AS bool, null AS nothing, ''::text AS empty,
          'naïve ✓ \n"quoted"'::text AS text, '2026-03-29 01:30:00.123+00'::timestamptz AS timestamptz,
          '{"a": [1, null]}'::json AS json, '{"b": {}}'::jsonb AS jsonb, '\\x00ff'::bytea AS bytea`
      expect(row).toEqual({
        int4: 42,
        int8: '9007199254740993',
        count: '1',
        numeric: '1.10',
        float8: 1.5,
        nan: Number.NaN,
        bool: true,
        nothing: null,
        empty: '',
        text: 'naïve ✓ \n"quoted"',
        timestamptz: new Date('2026-03-29T01:30:00.123Z'),
        json: { a: [1, null] },
        jsonb: { b: {} },
        bytea: Buffer.from([0, 255]),
      })
    })

    it('gives arrays, nested ones and those with null elements', async () => {
      const [row] = await front().owner`
        SELECT ARRAY[1, null, 3] AS ints, ARRAY[['a', null], ['b,"', '\\']] AS nested, '{}'::text[] AS none,
          ARRAY[null, 'NULL'] AS nulls, ARRAY['2026-01-01 00:00+00'::timestamptz] AS times`
      expect(row).toEqual({
        ints: [1, null, 3],
        nested: [
          ['a', null],
          ['b,"', '\\'],
        ],
        none: [],
        nulls: [null, 'NULL'],
        times: [new Date('2026-01-01T00:00:00Z')],
      })
    })

    it('takes null, dates, bytes, objects and arrays as parameters', async () => {
      const ids = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']
      const [row] = await front().owner`
        SELECT ${null}::text AS nothing, ${new Date('2026-02-03T04:05:06.007Z')}::timestamptz AS date,
          ${Buffer.from([1, 0, 255])}::bytea AS bytes, ${{ a: 'b"c' }}::jsonb AS object,
          ${ids}::uuid[] AS ids, ${['x', null, 'y"\\,{}']}::text[] AS texts, ${[]}::int[] AS none`
      expect(row).toEqual({
        nothing: null,
        date: new Date('2026-02-03T04:05:06.007Z'),
        bytes: Buffer.from([1, 0, 255]),
        object: { a: 'b"c' },
        ids,
        texts: ['x', null, 'y"\\,{}'],
        none: [],
      })
    })

    it('matches rows against a uuid[] parameter of 100', async () => {
      const ids = Array.from(
        { length: 100 },
        (_, index) => `${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`,
      )
      const rows = await front().owner`
        SELECT lpad(n::text, 8, '0') || '-0000-4000-8000-000000000000' AS id FROM generate_series(90, 109) n
        WHERE (lpad(n::text, 8, '0') || '-0000-4000-8000-000000000000')::uuid = ANY (${ids}::uuid[])`
      expect(rows.map((row) => row['id'])).toEqual(ids.slice(90))
    })

    it('gives command, count and fields with fullResults', async () => {
      const sql = front().owner
      await sql`CREATE TABLE full_results (id int, name text)`
      const inserted = await sql.query(`INSERT INTO full_results VALUES (1, 'a'), (2, 'b')`, [], {
        fullResults: true,
      })
      expect(inserted).toMatchObject({ command: 'INSERT', rowCount: 2, rows: [], fields: [] })
      const selected = await sql.query('SELECT * FROM full_results ORDER BY id', [], { fullResults: true })
      expect(selected).toMatchObject({ command: 'SELECT', rowCount: 2, rowAsArray: false })
      expect(
        selected.fields.map(({ name, dataTypeID, columnID }) => ({ name, dataTypeID, columnID })),
      ).toEqual([
        { name: 'id', dataTypeID: 23, columnID: 1 },
        { name: 'name', dataTypeID: 25, columnID: 2 },
      ])
      expect(selected.fields[0]?.tableID).toBeGreaterThan(0)
      const created = await sql.query('CREATE INDEX ON full_results (id)', [], { fullResults: true })
      expect(created).toMatchObject({ command: 'CREATE', rowCount: null })
      await sql`DROP TABLE full_results`
    })

    it('gives rows as arrays, so that columns of one name are all there', async () => {
      const rows = await front().owner.query('SELECT 1 AS a, 2 AS a UNION ALL SELECT 3, 4', [], {
        arrayMode: true,
      })
      expect(rows).toEqual([
        [1, 2],
        [3, 4],
      ])
    })

    it('carries 20,000 rows and a parameter of a megabyte', async () => {
      const rows = await front().owner`SELECT n, repeat('x', 50) AS x FROM generate_series(1, 20000) n`
      expect(rows).toHaveLength(20_000)
      expect(rows[19_999]).toEqual({ n: 20_000, x: 'x'.repeat(50) })
      const text = 'ü'.repeat(500_000)
      expect(await front().owner`SELECT length(${text}::text)`).toEqual([{ length: 500_000 }])
    })

    it('returns nothing for an empty query', async () => {
      expect(await front().owner.query('')).toEqual([])
    })

    it('gives JSON values and objects to a client that asks for neither text nor arrays', async () => {
      const query = `SELECT $1::int[] AS ints, 5::int8 AS int8, true AS bool, $2::jsonb AS jsonb, $3::bool[] AS bools,
        1.5::float8 AS float8, 'Infinity'::float8 AS infinite, null AS nothing, $4::text AS text`
      const params = [[1, null, 3], { a: ['"'] }, [false, null], 7]
      const response = await fetch(front().endpoint, {
        method: 'POST',
        headers: { 'Neon-Connection-String': front().connectionString() },
        body: JSON.stringify({ query, params }),
      })
      expect(await response.json()).toMatchObject({
        rowAsArray: false,
        command: 'SELECT',
        rowCount: 1,
        rows: [
          {
            ints: [1, null, 3],
            int8: '5',
            bool: true,
            jsonb: { a: ['"'] },
            bools: [false, null],
            float8: 1.5,
            infinite: 'Infinity',
            nothing: null,
            text: '7',
          },
        ],
      })
    })
  })
}
