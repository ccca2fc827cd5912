// What Plausible answers a query with, checked and put into the question's words (https://plausible.io/docs/stats-api).

import type { StatsQuestion, StatsRow } from '../domain/stats-question.ts'
import { type JobDimension, nameOfJob } from './plausible-query.ts'

/** All of an answer that is used. */
export interface PlausibleAnswer {
  rows: StatsRow[]
  /** The first and the last moment that was counted; empty where the store did not say. */
  from: string
  to: string
  labels: string[] | undefined
  totalRows: number | undefined
}

/**
 * The answer to this question in JSON that is parsed; undefined where it is none. Checked by hand: it has a row for
 * each job, and a schema costs more than the rest of the query.
 */
export function parseAnswer(
  json: unknown,
  question: StatsQuestion,
  jobDimension: JobDimension,
): PlausibleAnswer | undefined {
  if (!isRecord(json)) return undefined
  const { results, meta = {}, query = {} } = json
  if (!(Array.isArray(results) && isRecord(meta) && isRecord(query))) return undefined
  const { time_labels: labels, total_rows: totalRows } = meta
  const { date_range: range = ['', ''] } = query
  if (!(isListOfTexts(range) && range.length === 2)) return undefined
  if (!(labels === undefined || isListOfTexts(labels))) return undefined
  if (!(totalRows === undefined || isCount(totalRows))) return undefined
  const rows = parseRows(results, question, jobDimension)
  const [from = '', to = ''] = range
  return rows && { rows, from, to, labels, totalRows }
}

/** Undefined where a row is not what was asked for. */
function parseRows(
  results: readonly unknown[],
  { metrics, groupBy, interval, jobFilters }: StatsQuestion,
  jobDimension: JobDimension,
): StatsRow[] | undefined {
  const width = (groupBy ? 1 : 0) + (interval ? 1 : 0)
  const jobsByName = groupBy === 'job' ? groupJobs(jobFilters?.[0]?.jobs ?? [], jobDimension) : undefined
  const rows: StatsRow[] = []
  for (const result of results) {
    if (!isRecord(result)) return undefined
    const { metrics: values, dimensions: labels } = result
    if (!(isListOfFigures(values) && values.length === metrics.length)) return undefined
    if (!(isListOfLabels(labels) && labels.length === width)) return undefined
    // The store says null where there is nothing to divide by.
    const figures = values.map((value) => value ?? 0)
    const time = interval && String(labels.at(-1))
    if (jobsByName) {
      for (const id of jobsByName.get(String(labels[0])) ?? []) rows.push(toRow(figures, time, id))
    } else rows.push(toRow(figures, time, groupBy && String(labels[0])))
  }
  return rows
}

function toRow(metrics: readonly number[], time: string | undefined, group: string | undefined): StatsRow {
  const row: StatsRow = { metrics }
  if (time !== undefined) row.time = time
  if (group !== undefined) row.group = group
  return row
}

/** The IDs of the jobs behind each of the store's names; several jobs may share a path. */
function groupJobs(
  jobs: readonly { id: string; path: string }[],
  jobDimension: JobDimension,
): Map<string, string[]> {
  const ids = new Map<string, string[]>()
  for (const job of jobs) {
    const name = nameOfJob(job, jobDimension)
    const known = ids.get(name)
    if (known) known.push(job.id)
    else ids.set(name, [job.id])
  }
  return ids
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isListOfTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}

function isListOfLabels(value: unknown): value is (string | number)[] {
  return (
    Array.isArray(value) && value.every((label) => typeof label === 'string' || typeof label === 'number')
  )
}

function isListOfFigures(value: unknown): value is (number | null)[] {
  const isFigure = (figure: unknown) => figure === null || (typeof figure === 'number' && figure >= 0)
  return Array.isArray(value) && value.every(isFigure)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
