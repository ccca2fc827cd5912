// Compares the figures of a CSV file of jobs with those counted by hand.

import { parse } from 'csv-parse/sync'
import * as z from 'zod/mini'
import type { Days } from '../world/days.ts'
import { figuresOfJob } from '../world/expected-figures.ts'
import type { Tenant } from '../world/world.ts'

const rows = z.array(z.record(z.string(), z.string()))

/** The differences, a sentence each; undefined for a file without a row per job. */
export function checkJobsCsv(tenant: Tenant, text: string, days: Days): string[] | undefined {
  const records = rows.parse(parse(text, { columns: true }))
  const [first] = records
  const column = ['job_id', 'id'].find((name) => first !== undefined && name in first)
  // A series has a row per job and date.
  if (first === undefined || column === undefined || 'date' in first) return undefined
  return records.flatMap((record) => {
    const id = record[column] ?? ''
    const expected = figuresOfJob(tenant, id, days)
    return Object.entries(expected).flatMap(([metric, value]) =>
      record[metric] === undefined || Number(record[metric]) === value
        ? []
        : [`${metric} of ${id} is ${record[metric]} in the file, not ${value}`],
    )
  })
}
