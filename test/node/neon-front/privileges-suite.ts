// The Worker's login can do what its role is granted and nothing else, whatever it sends.
import { beforeAll, describe, expect, it } from 'vitest'
import { migrate } from '../../../migrations/migrate.ts'
import { type FrontUnderTest, refusalOf } from './front-under-test.ts'

export function describePrivileges(front: () => FrontUnderTest): void {
  describe('privileges', () => {
    beforeAll(async () => {
      const sql = front().owner
      await migrate({ sql, directory: 'migrations' })
      await sql`INSERT INTO organizations (name, domain) VALUES ('One', 'one.example')`
      await sql`INSERT INTO api_keys (organization_id, name, hash, hint)
        SELECT id, 'key', sha256('key'), 'jak_1234' FROM organizations`
      await sql`CREATE TABLE secrets (secret text)`
    })

    it('reads what a request needs', async () => {
      const rows = await front().worker`
        SELECT o.domain, k.revoked_at, count(j.*) AS jobs FROM api_keys k
        JOIN organizations o ON o.id = k.organization_id LEFT JOIN jobs j ON j.organization_id = o.id
        WHERE k.hash = sha256('key') GROUP BY o.domain, k.revoked_at`
      expect(rows).toEqual([{ domain: 'one.example', revoked_at: null, jobs: '0' }])
    })

    it("notes a key's use", async () => {
      const rows = await front().worker`UPDATE api_keys SET last_used_at = now() RETURNING last_used_at`
      expect(rows).toEqual([{ last_used_at: expect.any(Date) }])
    })

    it.each([
      'SELECT name FROM organizations',
      'SELECT hint FROM api_keys',
      'SELECT * FROM secrets',
      'SELECT * FROM schema_migrations',
      `INSERT INTO organizations (name) VALUES ('Mine')`,
      'UPDATE api_keys SET revoked_at = null',
      'UPDATE jobs SET title = title',
      'DELETE FROM api_keys',
      'TRUNCATE jobs',
      'DROP TABLE jobs',
      'CREATE TABLE mine ()',
      `CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
      'CREATE ROLE mine',
      'ALTER ROLE worker SUPERUSER',
      'GRANT owner TO worker',
      'SET ROLE owner',
      'SET SESSION AUTHORIZATION owner',
      'SET SESSION AUTHORIZATION postgres',
      `SELECT set_config('role', 'owner', false)`,
      `SELECT set_config('session_authorization', 'owner', false)`,
      `DO $$ BEGIN SET SESSION AUTHORIZATION owner; DROP TABLE jobs; END $$`,
      `DO $$ BEGIN EXECUTE 'SET ROLE owner'; DROP TABLE jobs; END $$`,
      `SELECT pg_read_file('/etc/hostname')`,
      `COPY jobs TO PROGRAM 'cat'`,
      'ALTER SYSTEM SET work_mem = 1',
    ])('refuses %s', async (query) => {
      const { code } = await refusalOf(front().worker.query(query))
      // 22023: a server that has no user postgres says that the role does not exist.
      expect(['42501', ...(query.endsWith('postgres') ? ['22023'] : [])]).toContain(code)
    })

    it.each([
      'SET SESSION AUTHORIZATION owner',
      'RESET SESSION AUTHORIZATION',
      'SET ROLE NONE',
      'DISCARD ALL',
      'RESET ALL',
      `UPDATE pg_settings SET setting = 'owner' WHERE name = 'session_authorization'`,
    ])('gains nothing from %s, in a batch or alone', async (attempt) => {
      const sql = front().worker
      await sql.query(attempt).catch(() => undefined)
      expect((await refusalOf(sql.query('DELETE FROM jobs'))).code).toBe('42501')
      const batch = [sql.query(attempt), sql.query('DELETE FROM jobs')]
      // 25001: DISCARD ALL is refused in a transaction anyway.
      expect(['42501', '25001']).toContain((await refusalOf(sql.transaction(batch))).code)
    })
  })
}
