// Compares the rights of a role with what the Worker needs: which are missing and which are too many.
import * as z from 'zod/mini'
import type { Database } from '../database.ts'

/** Columns that the Worker reads, and the only one that it writes (migrations/0002). */
const READS = [
  'organizations.id',
  'organizations.domain',
  'organizations.domain_verified_at',
  'organizations.site_name',
  'organizations.time_zone',
  'api_keys.id',
  'api_keys.organization_id',
  'api_keys.hash',
  'api_keys.expires_at',
  'api_keys.revoked_at',
  'api_keys.last_used_at',
  'jobs.id',
  'jobs.organization_id',
  'jobs.path',
  'jobs.paths',
]
const WRITES = ['api_keys.last_used_at']
const MUST_NOT_READ = [
  'organizations.name',
  'organizations.domain_challenge',
  'api_keys.name',
  'api_keys.hint',
  'api_keys.created_by',
  'audit_log.person_id',
  'schema_migrations.checksum',
]

const RIGHTS = `with columns as (
    select c.oid as table_id, c.relname || '.' || a.attname as name, a.attname
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
  ), held as (
    select name, has_column_privilege($1, table_id, attname, 'select') as reads,
      has_column_privilege($1, table_id, attname, 'update') as writes,
      has_table_privilege($1, table_id, 'insert, delete, truncate, trigger')
        or has_any_column_privilege($1, table_id, 'insert') as changes
    from columns
  )
  select array(select needed from unnest($2::text[]) needed where not exists (
      select from held where name = needed and reads)) as "cannotRead",
    array(select needed from unnest($3::text[]) needed where not exists (
      select from held where name = needed and writes)) as "cannotWrite",
    array(select name from held where reads and name = any ($4::text[])) as "reads",
    array(select name from held where writes and name <> all ($3::text[])) as "writes",
    array(select distinct split_part(name, '.', 1) from held where changes) as "changes",
    array(select proname::text from pg_proc where pronamespace = 'public'::regnamespace and proname like 'console\\_%'
      and has_function_privilege($1, oid, 'execute')) as "executes",
    (select rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication from pg_roles where rolname = $1)
      as "isPowerful",
    has_schema_privilege($1, 'public', 'create') as "createsTables"`

const names = z.array(z.string())
const rightsRow = z.object({
  cannotRead: names,
  cannotWrite: names,
  reads: names,
  writes: names,
  changes: names,
  executes: names,
  isPowerful: z.boolean(),
  createsTables: z.boolean(),
})

/** Returns each right in words that follow "may" or "may not". Throws AdminError, also when the role does not exist. */
export async function readRights(
  database: Database,
  role: string,
): Promise<{ missing: string[]; excess: string[] }> {
  const [rights] = await database.rows(rightsRow, RIGHTS, [role, READS, WRITES, MUST_NOT_READ])
  if (rights === undefined) return { missing: ['be inspected'], excess: [] }
  return {
    missing: [...named('read', rights.cannotRead), ...named('update', rights.cannotWrite)],
    excess: [
      ...named('read', rights.reads),
      ...named('update', rights.writes),
      ...named('add to or delete from', rights.changes),
      ...named('execute', rights.executes),
      ...(rights.isPowerful ? ['administer the server'] : []),
      ...(rights.createsTables ? ['create tables'] : []),
    ],
  }
}

function named(verb: string, things: string[]): string[] {
  return things.length === 0 ? [] : [`${verb} ${things.join(' and ')}`]
}
