// Refusals: Postgres' own with every field of them, and the protocol's, none of which repeats a secret.
import { neon } from '@neondatabase/serverless'
import { beforeAll, describe, expect, it } from 'vitest'
import { errorFields } from '../../../local/postgres/postgres-backend.ts'
import { type FrontUnderTest, refusalOf } from './front-under-test.ts'

export function describeErrors(front: () => FrontUnderTest): void {
  describe('errors', () => {
    beforeAll(async () => {
      const sql = front().owner
      await sql`CREATE TABLE strict_rows (id int PRIMARY KEY, name text NOT NULL CONSTRAINT named CHECK (name <> ''),
        parent int REFERENCES strict_rows)`
      await sql`INSERT INTO strict_rows VALUES (1, 'one')`
    })

    it.each([
      [
        'a duplicate',
        `INSERT INTO strict_rows VALUES (1, 'x')`,
        { code: '23505', constraint: 'strict_rows_pkey' },
      ],
      [
        'a null',
        'INSERT INTO strict_rows VALUES (2, null)',
        { code: '23502', column: 'name', table: 'strict_rows' },
      ],
      ['a missing row', `INSERT INTO strict_rows VALUES (2, 'x', 9)`, { code: '23503', schema: 'public' }],
      ['a failed check', `INSERT INTO strict_rows VALUES (2, '')`, { code: '23514', constraint: 'named' }],
      ['a syntax error', 'SELECT 1 +', { code: '42601', position: '11', severity: 'ERROR' }],
      ['an unknown table', 'SELECT * FROM nowhere', { code: '42P01', position: '15' }],
      [
        'an unknown column',
        'SELECT nme FROM strict_rows',
        { code: '42703', hint: expect.stringContaining('name') },
      ],
      ['a bad value', `SELECT 'x'::uuid`, { code: '22P02' }],
      ['a division by zero', 'SELECT 1 / 0', { code: '22012', routine: expect.any(String) }],
      ['two statements at once', 'SELECT 1; SELECT 2', { code: '42601' }],
      ['a missing parameter', 'SELECT $1::int', { code: '08P01' }],
      ['COPY to the client', 'COPY strict_rows TO STDOUT', { code: '0A000' }],
      ['COPY from the client', 'COPY strict_rows FROM STDIN', { code: '57014' }],
      [
        'an exception of its own',
        `DO $$ BEGIN RAISE EXCEPTION 'no' USING DETAIL = 'why', HINT = 'how', ERRCODE = 'JOB01'; END $$`,
        {
          message: 'no',
          code: 'JOB01',
          detail: 'why',
          hint: 'how',
          where: expect.stringContaining('PL/pgSQL'),
        },
      ],
    ])('reports %s with its SQLSTATE and fields', async (_, query, fields) => {
      expect(await refusalOf(front().owner.query(query))).toMatchObject(fields)
    })

    it('goes on after errors', async () => {
      await refusalOf(front().owner.query('SELECT 1 / 0'))
      expect(await front().owner`SELECT 1 AS one`).toEqual([{ one: 1 }])
    })

    it.each([
      ['a wrong password', { password: 'guess-me' }, '28P01'],
      ['an unknown user', { user: 'stranger', password: 'guess-me' }, '28P01'],
      ['an unknown database', { database: 'elsewhere' }, '3D000'],
    ])('refuses %s without repeating the password', async (_, parts, code) => {
      const refusal = await refusalOf(neon(front().connectionString(parts))`SELECT 1`)
      expect(refusal.code).toBe(code)
      expect(refusal.message).not.toMatch(/guess-me|worker-secret/)
    })

    async function post(body: string, headers: Record<string, string> = {}, path = ''): Promise<Response> {
      const connection = { 'Neon-Connection-String': front().connectionString() }
      return fetch(front().endpoint + path, { method: 'POST', headers: { ...connection, ...headers }, body })
    }

    it('gives every field of an error, null where Postgres gave none', async () => {
      const response = await post(JSON.stringify({ query: 'SELECT 1 / 0' }))
      expect(response.status).toBe(400)
      const body: unknown = await response.json()
      expect(Object.keys(Object(body)).sort()).toEqual(['message', ...errorFields].sort())
      expect(body).toMatchObject({ message: 'division by zero', constraint: null })
    })

    it.each([
      'postgres://worker:s3cret@:bad:port/x',
      'mysql://worker:s3cret@127.0.0.1/job_analytics',
      'worker s3cret',
      'postgres://worker:s3cret%zz@127.0.0.1/job_analytics',
      'postgres://worker@127.0.0.1/s3cret',
      '',
    ])('refuses the connection string "%s" without repeating it', async (connectionString) => {
      const response = await post('{"query":"SELECT 1"}', { 'Neon-Connection-String': connectionString })
      expect(response.status).toBe(400)
      const text = await response.text()
      expect(text).toContain('connection string')
      expect(text).not.toContain('s3cret')
    })

    it.each([
      '',
      'SELECT 1',
      '[]',
      '{"query":1}',
      '{"queries":[{"params":[]}]}',
      '{"query":"SELECT 1","params":{}}',
    ])('refuses the body %s and says what to send', async (body) => {
      const response = await post(body)
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({
        message: expect.stringContaining('invalid request body'),
      })
    })

    it('refuses a body of more than 10 MB', async () => {
      const response = await post(
        JSON.stringify({ query: 'SELECT $1', params: ['x'.repeat(10 * 1024 * 1024)] }),
      )
      expect(response.status).toBe(413)
      expect(await response.text()).toContain('too large')
    })

    it('serves nothing but POST /sql', async () => {
      expect((await fetch(front().endpoint)).status).toBe(404)
      expect((await post('{"query":"SELECT 1"}', {}, '/other')).status).toBe(404)
    })
  })
}
