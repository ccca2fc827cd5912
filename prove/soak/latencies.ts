// How long responses took, by minute of the run.

import { percentile } from '../../harness/statistics.ts'

/** The figures of one minute, in milliseconds. */
export interface LatencyMinute {
  minute: number
  responses: number
  medianMs: number
  p99Ms: number
  longestMs: number
}

/** A minute keeps so many times at most: enough for its percentiles. */
const MAX_TIMES = 20_000

/** Latencies of a run that began at `startedAt` (epoch ms). */
export class Latencies {
  readonly #startedAt: number
  readonly #minutes = new Map<number, { responses: number; times: number[] }>()

  constructor(startedAt: number) {
    this.#startedAt = startedAt
  }

  /** Records a response that was received at this moment. */
  add(receivedAt: number, ms: number): void {
    const minute = Math.floor((receivedAt - this.#startedAt) / 60_000)
    const known = this.#minutes.get(minute) ?? { responses: 0, times: [] }
    known.responses += 1
    if (known.times.length < MAX_TIMES) known.times.push(ms)
    this.#minutes.set(minute, known)
  }

  /** In order. */
  get minutes(): LatencyMinute[] {
    return [...this.#minutes]
      .toSorted(([a], [b]) => a - b)
      .map(([minute, { responses, times }]) => ({
        minute,
        responses,
        medianMs: percentile(times, 0.5),
        p99Ms: percentile(times, 0.99),
        longestMs: percentile(times, 1),
      }))
  }
}
