// Neon's `/sql` as the benchmark needs it: every key is the organization's, and so is every job that is asked for.

import * as z from 'zod/mini'
import { KEY_ID, ORGANIZATION_ID, pathOf, SITE } from '../scenario.ts'

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

const question = z.object({ query: z.string(), params: z.array(z.unknown()) })

/** Type OIDs of Postgres, `pg_type.oid`. */
const OID = { uuid: 2950, bigint: 20, text: 25, json: 114 }

/** The body of the 200 for a statement on keys, on jobs, or on both in one. */
export function answerPostgres(body: string, arrayMode: boolean): string {
  const { query, params } = question.parse(JSON.parse(body))
  const asksKeys = query.includes('api_keys')
  const asksJobs = /\bjobs\b/.test(query)
  const ids = asksJobs ? (JSON.stringify(params).match(UUID) ?? []) : []
  if (asksKeys && asksJobs) {
    const jobs = ids.map((id) => `["${id}", "${pathOf(id)}"]`).join(', \n ')
    return result(
      { id: OID.uuid, organization_id: OID.bigint, domain: OID.text, coalesce: OID.json },
      [[KEY_ID, ORGANIZATION_ID, SITE, `[${jobs}]`]],
      arrayMode,
    )
  }
  if (asksKeys) return result({ id: OID.bigint, domain: OID.text }, [[ORGANIZATION_ID, SITE]], arrayMode)
  const rows = ids.map((id) => [id, pathOf(id)])
  return result({ id: OID.uuid, path: OID.text }, rows, arrayMode)
}

function result(columns: Record<string, number>, rows: string[][], arrayMode: boolean): string {
  const names = Object.keys(columns)
  const fields = Object.entries(columns).map(([name, dataTypeID], index) => ({
    name,
    dataTypeID,
    tableID: 16_400,
    columnID: index + 1,
    dataTypeSize: -1,
    dataTypeModifier: -1,
    format: 'text',
  }))
  const shaped = arrayMode
    ? rows
    : rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])))
  return JSON.stringify({
    fields,
    rows: shaped,
    command: 'SELECT',
    rowCount: rows.length,
    rowAsArray: arrayMode,
  })
}
