// Neon's `/sql` as the benchmark needs it: every key and every requested job belongs to the one organization.

import * as z from 'zod/mini'
import { JOB_COUNT, jobIds, KEY_ID, ORGANIZATION_ID, pathOf, SITE } from '../scenario.ts'

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

const sentStatement = z.object({ query: z.string(), params: z.array(z.unknown()) })

/** Type OIDs of Postgres, `pg_type.oid`. */
const OID = { uuid: 2950, bigint: 20, text: 25, json: 114 }

/** An organization that a key belongs to. */
export interface StubOrganization {
  id: string
  domain: string
  timeZone: string
}

const ORGANIZATION: StubOrganization = { id: ORGANIZATION_ID, domain: SITE, timeZone: 'UTC' }

/** The body of the 200 for a statement of our Worker, of the baseline or of the chain, as JSON text. */
export function respondAsPostgres(body: string, arrayMode: boolean, own = ORGANIZATION): string {
  const organization = JSON.stringify({ keyId: KEY_ID, siteName: null, ...own })
  const { query, params } = sentStatement.parse(JSON.parse(body))
  if (query.includes('"jobsVersion"')) return siteJobs(organization, arrayMode)
  if (query.includes('job_counts')) return jobList(organization, arrayMode)
  const ids = JSON.stringify(params).match(UUID) ?? []
  if (query.includes('as paths')) {
    const paths = ids.map((id) => [pathOf(id)])
    return jsonRow({ organization, paths: JSON.stringify(paths) }, arrayMode)
  }
  if (query.includes('api_keys')) {
    return result({ id: OID.bigint, domain: OID.text }, [[ORGANIZATION_ID, SITE]], arrayMode)
  }
  const rows = ids.map((id) => [id, pathOf(id)])
  return result({ id: OID.uuid, path: OID.text }, rows, arrayMode)
}

const LISTED_JOBS = 21

/** A page of jobs and one more, out of all. */
function jobList(organization: string, arrayMode: boolean): string {
  const time = '2026-01-01T00:00:00.000000Z'
  const jobs = jobIds(LISTED_JOBS).map((id) => [
    id,
    'Senior Engineer',
    'engineer',
    'active',
    [pathOf(id)],
    time,
    null,
  ])
  const columns = {
    organization,
    jobs: JSON.stringify(jobs),
    total: `[${JOB_COUNT}, false]`,
  }
  return jsonRow(columns, arrayMode)
}

/** The request is about the whole site, so it names no jobs. */
function siteJobs(organization: string, arrayMode: boolean): string {
  return jsonRow({ organization, named: '[]', jobsVersion: '""' }, arrayMode)
}

function jsonRow(columns: Record<string, string>, arrayMode: boolean): string {
  const types = Object.fromEntries(Object.keys(columns).map((name) => [name, OID.json]))
  return result(types, [Object.values(columns)], arrayMode)
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
