// Requests see nothing of each other: neither what one left in its session nor what runs at the same time.
import { beforeAll, describe, expect, it } from 'vitest'
import { type FrontUnderTest, refusalOf } from './front-under-test.ts'

export function describeSessions(front: () => FrontUnderTest): void {
  describe('sessions', () => {
    beforeAll(async () => {
      await front().owner`CREATE TABLE counters (id int PRIMARY KEY, value int NOT NULL)`
      await front().owner`INSERT INTO counters VALUES (1, 0)`
    })

    /** Enough requests in a row to meet every connection that a pool may have kept. */
    async function askTwentyTimes(query: string): Promise<Set<string>> {
      const responses = await Promise.all(Array.from({ length: 20 }, () => front().owner.query(query)))
      return new Set(responses.map((rows) => JSON.stringify(rows)))
    }

    it('forgets settings', async () => {
      const before = await askTwentyTimes('SHOW search_path')
      await front().owner`SET search_path = pg_catalog`
      expect(await askTwentyTimes('SHOW search_path')).toEqual(before)
    })

    it('forgets roles', async () => {
      await front().owner`SET ROLE job_analytics_worker`
      await front().owner`SET SESSION AUTHORIZATION worker`
      expect(await askTwentyTimes('SELECT current_user, session_user')).toEqual(
        new Set(['[{"current_user":"owner","session_user":"owner"}]']),
      )
    })

    it('undoes a transaction that a request left open', async () => {
      await front().owner`BEGIN`
      await front().owner`UPDATE counters SET value = -1`
      await front().owner`ROLLBACK`
      expect(await front().owner`SELECT value FROM counters`).toEqual([{ value: -1 }])
      await front().owner`UPDATE counters SET value = 0`
    })

    it('forgets temporary tables, prepared statements and advisory locks', async () => {
      const sql = front().owner
      await sql`CREATE TEMPORARY TABLE leftover (id int)`
      expect((await refusalOf(sql.query('SELECT * FROM leftover'))).code).toBe('42P01')
      await sql`PREPARE leftover AS SELECT 1`
      expect((await refusalOf(sql.query('EXECUTE leftover'))).code).toBe('26000')
      await sql`SELECT pg_advisory_lock(7)`
      await sql`SELECT 1`
      expect(await sql`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'`).toEqual([{ count: '0' }])
    })

    it('returns to each of 50 requests at once its own rows, for its own user', async () => {
      const numbers = Array.from({ length: 50 }, (_, index) => index)
      const responses = await Promise.all(
        numbers.map((number) => {
          const sql = number % 2 ? front().worker : front().owner
          return sql`SELECT ${number}::int AS number, current_user AS name`
        }),
      )
      expect(responses).toEqual(numbers.map((number) => [{ number, name: number % 2 ? 'worker' : 'owner' }]))
    })

    it('never runs one batch within another', async () => {
      const sql = front().owner
      const results = await Promise.all(
        Array.from({ length: 20 }, () =>
          sql.transaction([
            sql`UPDATE counters SET value = value + 1 RETURNING value`,
            sql`SELECT value FROM counters`,
            sql`UPDATE counters SET value = value + 1 RETURNING value - 1 AS value`,
          ]),
        ),
      )
      for (const [first, second, third] of results) {
        expect(second).toEqual(first)
        expect(third).toEqual(first)
      }
      expect(await sql`SELECT value FROM counters`).toEqual([{ value: 40 }])
    })
  })
}
