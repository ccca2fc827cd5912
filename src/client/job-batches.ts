// Splits any number of job IDs into requests, and puts their answers together again.

import { AnalyticsError } from './analytics-error.ts'
import { isObject } from './api-error.ts'
import { type JobVisitorsAnswer, MAX_JOB_IDS } from './wire-types.ts'

/** The distinct IDs, those that differ in case only being one, in groups of as many as one request may name. */
export function batchesOf(jobIds: readonly string[]): string[][] {
  const distinct = [...new Set(jobIds.map(idOf))]
  const batches: string[][] = []
  for (let start = 0; start < distinct.length; start += MAX_JOB_IDS) {
    batches.push(distinct.slice(start, start + MAX_JOB_IDS))
  }
  return batches
}

/** Visitors by ID for one batch. Throws `AnalyticsError` where the answer does not have a count for each. */
export function countsOf(answer: unknown, batch: readonly string[]): [id: string, visitors: number][] {
  if (!isJobVisitorsAnswer(answer)) throw unexpectedAnswer()
  const { visitors } = answer.data
  return batch.map((id) => {
    const count = visitors[id]
    if (count === undefined || !Number.isSafeInteger(count) || count < 0) throw unexpectedAnswer()
    return [id, count]
  })
}

/** The counts under the IDs as the caller wrote them, in the caller's order. */
export function asWritten(
  jobIds: readonly string[],
  counts: ReadonlyMap<string, number>,
): Map<string, number> {
  return new Map(jobIds.map((jobId) => [jobId, counts.get(idOf(jobId)) ?? 0]))
}

function idOf(jobId: string): string {
  return jobId.trim().toLowerCase()
}

function isJobVisitorsAnswer(answer: unknown): answer is Pick<JobVisitorsAnswer, 'data'> {
  return isObject(answer) && isObject(answer['data']) && isObject(answer['data']['visitors'])
}

function unexpectedAnswer(): AnalyticsError {
  const message =
    'The answer does not have a count for each job. Check baseUrl and the version of this client.'
  return new AnalyticsError(message, { code: 'unexpected_answer', status: 200 })
}
