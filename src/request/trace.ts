// What is noted of one request on its way: the timing of each hop and the fields of its log line.

/** A store as `Server-Timing` and the log name it. */
export type Hop = 'redis' | 'postgres' | 'store'

const LOG_FIELDS = { redis: 'redis_ms', postgres: 'postgres_ms', store: 'store_ms' } as const
type HopFields = Partial<Record<(typeof LOG_FIELDS)[Hop], number>>

/** Collects what a request's one log line and its `Server-Timing` say. Takes facts and counts, never a secret. */
export class Trace {
  readonly requestId: string
  readonly startedAt: number
  readonly fields: Record<string, unknown> = {}
  /** Ends when the work that goes on after the answer has ended; never rejects. */
  afterwards: Promise<void> = Promise.resolve()
  readonly #now: () => number
  readonly #hops: { hop: Hop; ms: number }[] = []

  constructor(requestId: string, now: () => number) {
    this.requestId = requestId
    this.#now = now
    this.startedAt = now()
  }

  /** Adds fields to the log line; later values win. */
  note(fields: Record<string, unknown>): void {
    Object.assign(this.fields, fields)
  }

  /** Runs `work` and notes how long the hop took. */
  async timed<T>(hop: Hop, work: () => Promise<T>): Promise<T> {
    const start = this.#now()
    try {
      return await work()
    } finally {
      this.#hops.push({ hop, ms: this.#now() - start })
    }
  }

  /** The value of `Server-Timing`, in milliseconds: each hop so far and the whole. */
  serverTiming(): string {
    const hops = this.#hops.map(({ hop, ms }) => `${hop};dur=${ms}`)
    return [...hops, `total;dur=${this.#now() - this.startedAt}`].join(', ')
  }

  /** The hops as fields of the log line: `redis_ms`, `postgres_ms`, `store_ms`; of several of one store the sum. */
  hopFields(): HopFields {
    const fields: HopFields = {}
    for (const { hop, ms } of this.#hops) fields[LOG_FIELDS[hop]] = (fields[LOG_FIELDS[hop]] ?? 0) + ms
    return fields
  }
}
