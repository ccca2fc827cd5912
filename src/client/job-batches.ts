// Splits any number of job IDs into requests, and puts their answers together again.

import { isObject, unexpectedAnswer } from './api-error.ts'
import type { Caller } from './shared-calls.ts'
import type { Transport } from './transport.ts'
import { type JobVisitorsAnswer, MAX_JOB_IDS, type Period } from './wire-types.ts'

/** The distinct IDs, those that differ in case only being one, in groups of as many as one request may name. */
export function batchesOf(jobIds: readonly string[]): string[][] {
  const distinct = [...new Set(jobIds.map(idOf))]
  const batches: string[][] = []
  for (let start = 0; start < distinct.length; start += MAX_JOB_IDS) {
    batches.push(distinct.slice(start, start + MAX_JOB_IDS))
  }
  return batches
}

/** Visitors by ID, with one request for each batch; the first that fails ends the others. */
export async function readBatches(
  get: Transport,
  batches: readonly string[][],
  period: Period,
  caller: Caller,
): Promise<Map<string, number>> {
  const failed = new AbortController()
  const patience = { ...caller, signal: AbortSignal.any([caller.signal, failed.signal]) }
  const counts = new Map<string, number>()
  const total = batches.reduce((sum, batch) => sum + batch.length, 0)
  const read = async (batch: string[]) => {
    const answer = await get('/analytics/jobs', { jobIds: batch.join(','), period }, patience)
    for (const [id, visitors] of countsOf(answer, batch)) counts.set(id, visitors)
    caller.onProgress?.({ done: counts.size, total })
  }
  try {
    await Promise.all(batches.map(read))
    return counts
  } catch (error) {
    failed.abort()
    throw error
  }
}

/** The counts under the IDs as the caller wrote them, in the caller's order. */
export function asWritten(
  jobIds: readonly string[],
  counts: ReadonlyMap<string, number>,
): Map<string, number> {
  return new Map(jobIds.map((jobId) => [jobId, counts.get(idOf(jobId)) ?? 0]))
}

function countsOf(answer: unknown, batch: readonly string[]): [id: string, visitors: number][] {
  if (!isJobVisitorsAnswer(answer)) throw unexpectedAnswer()
  const { visitors } = answer.data
  return batch.map((id) => {
    const count = visitors[id]
    if (count === undefined || !Number.isSafeInteger(count) || count < 0) throw unexpectedAnswer()
    return [id, count]
  })
}

function idOf(jobId: string): string {
  return jobId.trim().toLowerCase()
}

function isJobVisitorsAnswer(answer: unknown): answer is Pick<JobVisitorsAnswer, 'data'> {
  return isObject(answer) && isObject(answer['data']) && isObject(answer['data']['visitors'])
}
