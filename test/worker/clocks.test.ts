// Two Workers whose clocks differ, with the limits of a deployment and the real time of Redis. It takes a minute.

import { describe, expect, it } from 'vitest'
import { type Api, type ApiResponse, createApi, jobsPath, organizations, withKey } from '../support/api.ts'
import { issueKey } from '../support/database.ts'

const [acme] = organizations
if (!acme) throw new Error('The demo has organizations')
const path = jobsPath([acme.jobs[0]?.id ?? ''])

const LIMIT = 100
const WINDOW_MS = 60_000
/** Fewer than a key has slots. */
const AT_ONCE = 6
const PAUSE_MS = 4_000

interface Sent {
  from: number
  until: number
  response: ApiResponse
}

/** Sends requests of one key, by the two Workers in turn. */
class Caller {
  readonly sent: Sent[] = []
  readonly #workers: readonly Api[]
  readonly #key: string

  constructor(workers: readonly Api[], key: string) {
    this.#workers = workers
    this.#key = key
  }

  get admitted(): Sent[] {
    return this.sent.filter(({ response }) => response.status === 200)
  }

  async send(worker = this.#workers[this.sent.length % 2]): Promise<ApiResponse> {
    if (worker === undefined) throw new Error('There are two Workers')
    const from = Date.now()
    const response = await worker.call(path, withKey(this.#key))
    this.sent.push({ from, until: Date.now(), response })
    return response
  }

  async sendUntilRefused(worker: Api): Promise<ApiResponse> {
    for (let sent = 0; sent <= LIMIT; sent++) {
      const response = await this.send(worker)
      if (response.status === 429) return response
    }
    throw new Error('No request was refused')
  }

  async sendMany(count: number): Promise<void> {
    for (let left = count; left > 0; left -= AT_ONCE) {
      await Promise.all(
        Array.from({ length: Math.min(left, AT_ONCE) }, (_, n) => this.send(this.#workers[n % 2])),
      )
    }
  }
}

/** The most requests that were certainly admitted within one window: those that began and ended in it. */
function mostInOneWindow(admitted: readonly Sent[]): number {
  return Math.max(
    ...admitted.map(
      ({ from }) => admitted.filter((one) => one.from >= from && one.until < from + WINDOW_MS).length,
    ),
  )
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

describe.concurrent('two Workers with different clocks', () => {
  it.for([200, 1_000, 5_000, 30_000])(
    '%d ms apart: admit 100 in any true 60 s, and whoever waits its Retry-After',
    async (skewMs) => {
      const workers = [createApi(), createApi()]
      for (const [i, { services }] of workers.entries()) services.now = () => Date.now() + i * skewMs
      const caller = new Caller(workers, await issueKey(acme.id))
      const start = Date.now()
      await caller.sendMany(LIMIT / 2)
      await sleep(start + PAUSE_MS - Date.now())
      await caller.sendMany(LIMIT)
      expect(caller.admitted).toHaveLength(LIMIT)

      // Each Worker says how long to wait, and both are right: the one in the past and the one in the future.
      for (const worker of workers) {
        const refusal = await caller.sendUntilRefused(worker)
        const seconds = Number(refusal.headers.get('retry-after'))
        expect(Date.now() + seconds * 1_000).toBeLessThan(start + WINDOW_MS + 2 * PAUSE_MS)
        await sleep(seconds * 1_000)
        const after = await caller.send(worker)
        expect(after.status, JSON.stringify([refusal.log, after.log])).toBe(200)
      }
      await caller.sendMany(LIMIT)
      expect(caller.admitted.length).toBeGreaterThan(LIMIT + 2)
      expect(mostInOneWindow(caller.admitted)).toBeLessThanOrEqual(LIMIT)
    },
  )
})
