// Neon's `/sql` as the benchmark needs it: every key is the organization's, and so is every job that is asked for.

import * as z from 'zod/mini'
import { JOB_COUNT, jobIds, KEY_ID, ORGANIZATION_ID, pathOf, SITE } from '../scenario.ts'

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

const question = z.object({ query: z.string(), params: z.array(z.unknown()) })

/** Type OIDs of Postgres, `pg_type.oid`. */
const OID = { uuid: 2950, bigint: 20, text: 25, json: 114 }

/** The body of the 200 for a statement on keys, on jobs, or on both in one. */
export function answerPostgres(body: string, arrayMode: boolean): string {
  const { query, params } = question.parse(JSON.parse(body))
  if (query.includes('job_counts')) return jobList(arrayMode)
  if (query.includes('limit $3')) return siteJobs(arrayMode)
  const asksKeys = query.includes('api_keys')
  const asksJobs = /\bjobs\b/.test(query)
  const ids = asksJobs ? (JSON.stringify(params).match(UUID) ?? []) : []
  if (asksKeys && asksJobs) {
    const paths = ids.map((id) => JSON.stringify(pathOf(id)))
    return result(
      { id: OID.uuid, organization_id: OID.bigint, domain: OID.text, coalesce: OID.json },
      [[KEY_ID, ORGANIZATION_ID, SITE, `[${paths.join(', ')}]`]],
      arrayMode,
    )
  }
  if (asksKeys) return result({ id: OID.bigint, domain: OID.text }, [[ORGANIZATION_ID, SITE]], arrayMode)
  const rows = ids.map((id) => [id, pathOf(id)])
  return result({ id: OID.uuid, path: OID.text }, rows, arrayMode)
}

const LISTED_JOBS = 21

/** A page of jobs and one more, out of all. */
function jobList(arrayMode: boolean): string {
  const time = '2026-01-01T00:00:00.000000Z'
  const jobs = jobIds(LISTED_JOBS).map((id) => [
    id,
    'Senior Engineer',
    'engineer',
    'active',
    pathOf(id),
    time,
    null,
  ])
  return result(
    { id: OID.uuid, organization_id: OID.bigint, domain: OID.text, coalesce: OID.json, total: OID.json },
    [[KEY_ID, ORGANIZATION_ID, SITE, JSON.stringify(jobs), `[${JOB_COUNT}, false]`]],
    arrayMode,
  )
}

/** No jobs are asked for: the whole board is. */
function siteJobs(arrayMode: boolean): string {
  return result(
    { id: OID.uuid, organization_id: OID.bigint, domain: OID.text, named: OID.json, listed: OID.json },
    [[KEY_ID, ORGANIZATION_ID, SITE, '[]', '[]']],
    arrayMode,
  )
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
