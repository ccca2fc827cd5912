// Batches: all of their changes or none, in a transaction of the requested mode.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type FrontUnderTest, refusalOf } from './front-under-test.ts'

export function describeTransactions(front: () => FrontUnderTest): void {
  describe('transactions', () => {
    beforeAll(async () => {
      await front().owner`CREATE TABLE entries (
        id int PRIMARY KEY, parent int REFERENCES entries (id) DEFERRABLE INITIALLY DEFERRED)`
    })
    beforeEach(() => front().owner`TRUNCATE entries`)

    async function readIds(): Promise<unknown[]> {
      const rows = await front().owner`SELECT id FROM entries ORDER BY id`
      return rows.map((row) => row['id'])
    }

    it('runs queries in order and returns the result of each', async () => {
      const sql = front().owner
      const results = await sql.transaction([
        sql`INSERT INTO entries VALUES (1)`,
        sql`UPDATE entries SET id = id + 1 RETURNING id`,
        sql`SELECT count(*) FROM entries`,
      ])
      expect(results).toEqual([[], [{ id: 2 }], [{ count: '1' }]])
      expect(await readIds()).toEqual([2])
    })

    it('undoes all of a batch when one of its queries fails', async () => {
      const sql = front().owner
      const refusal = await refusalOf(
        sql.transaction([
          sql`INSERT INTO entries VALUES (1)`,
          sql`SELECT 1 / 0`,
          sql`INSERT INTO entries VALUES (2)`,
        ]),
      )
      expect(refusal.code).toBe('22012')
      expect(await readIds()).toEqual([])
    })

    it('undoes a batch that ends with COPY, which HTTP cannot carry', async () => {
      const sql = front().owner
      const refusal = await refusalOf(
        sql.transaction([sql`INSERT INTO entries VALUES (1)`, sql`COPY entries TO STDOUT`]),
      )
      expect(refusal).toMatchObject({
        code: '0A000',
        message: expect.stringContaining('use INSERT and SELECT'),
      })
      expect(await readIds()).toEqual([])
    })

    it.each([
      'COPY (INSERT INTO entries VALUES (1) RETURNING id) TO STDOUT',
      '-- a comment\n /* and another */ copy (INSERT INTO entries VALUES (1) RETURNING id) TO STDOUT',
    ])('undoes what %j writes', async (query) => {
      expect((await refusalOf(front().owner.query(query))).code).toBe('0A000')
      expect(await readIds()).toEqual([])
    })

    it('undoes a batch when a deferred constraint fails at its end', async () => {
      const sql = front().owner
      const refusal = await refusalOf(sql.transaction([sql`INSERT INTO entries VALUES (1, 99)`]))
      expect(refusal).toMatchObject({ code: '23503', table: 'entries', constraint: 'entries_parent_fkey' })
      expect(await readIds()).toEqual([])
    })

    it('refuses to write in a read-only batch', async () => {
      const sql = front().owner
      const write = sql.transaction([sql`INSERT INTO entries VALUES (1)`], { readOnly: true })
      expect((await refusalOf(write)).code).toBe('25006')
      expect(await readIds()).toEqual([])
    })

    it.each([
      ['ReadUncommitted', 'read uncommitted'],
      ['ReadCommitted', 'read committed'],
      ['RepeatableRead', 'repeatable read'],
      ['Serializable', 'serializable'],
    ] as const)('runs at isolation level %s', async (isolationLevel, shown) => {
      const sql = front().owner
      const results = await sql.transaction(
        [sql`SHOW transaction_isolation`, sql`SHOW transaction_deferrable`, sql`SHOW transaction_read_only`],
        { isolationLevel, deferrable: true, readOnly: true },
      )
      expect(results).toEqual([
        [{ transaction_isolation: shown }],
        [{ transaction_deferrable: 'on' }],
        [{ transaction_read_only: 'on' }],
      ])
    })

    it('leaves the mode to the server when the request names none', async () => {
      const sql = front().owner
      expect(
        await sql.transaction([sql`SHOW transaction_isolation`, sql`SHOW transaction_read_only`]),
      ).toEqual([[{ transaction_isolation: 'read committed' }], [{ transaction_read_only: 'off' }]])
    })

    it('continues after ROLLBACK TO a savepoint', async () => {
      const sql = front().owner
      await sql.transaction([
        sql`INSERT INTO entries VALUES (1)`,
        sql`SAVEPOINT here`,
        sql`INSERT INTO entries VALUES (2)`,
        sql`ROLLBACK TO here`,
        sql`INSERT INTO entries VALUES (3)`,
      ])
      expect(await readIds()).toEqual([1, 3])
    })

    it('runs nothing after a query that ends the transaction', async () => {
      const sql = front().owner
      const refusal = await refusalOf(sql.transaction([sql`ROLLBACK`, sql`INSERT INTO entries VALUES (1)`]))
      expect(refusal.code).toBe('2D000')
      expect(await readIds()).toEqual([])
    })

    it('returns no results for an empty batch', async () => {
      expect(await front().owner.transaction([])).toEqual([])
    })

    it('refuses an unknown isolation level', async () => {
      const response = await fetch(front().endpoint, {
        method: 'POST',
        headers: {
          'Neon-Connection-String': front().connectionString(),
          'Neon-Batch-Isolation-Level': 'Chaos',
        },
        body: JSON.stringify({ queries: [{ query: 'SELECT 1' }] }),
      })
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({ message: expect.stringContaining('ReadCommitted') })
    })
  })
}
