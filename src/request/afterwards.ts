// What a request leaves to do after its answer: give the slot back, write the cache, teach the breaker, refresh.

import { type Breaker, CLOSED_BREAKER, PROBE, quotaPause } from '../domain/breaker.ts'
import { entriesOf } from '../domain/freshness.ts'
import type { Services, Settlement, StoreAnswer } from '../services.ts'
import { pick, type Reading } from './reading.ts'
import type { Trace } from './trace.ts'

type AfterServices = Pick<Services, 'shared' | 'now'>

/** Collects a request's afterwards and then does them in one round trip, or three when it also refreshes figures. */
export class AfterRequest {
  readonly #services: AfterServices
  readonly #trace: Trace
  readonly #settlement: Settlement = {}
  #refresh: ((services: AfterServices) => Promise<void>) | undefined

  constructor(services: AfterServices, trace: Trace) {
    this.#services = services
    this.#trace = trace
  }

  /** Gives back the slot that this request may hold. */
  release(slot: NonNullable<Settlement['release']>): void {
    this.#settlement.release = slot
  }

  /** Keeps figures that were just read. */
  write(writes: NonNullable<Settlement['writes']>): void {
    this.#settlement.writes = writes
  }

  /** Teaches the circuit breaker what the store's answer says about the store. */
  learn(answer: StoreAnswer<unknown>, breaker: Breaker, probing: boolean): void {
    const lesson = lessonOf(answer, breaker, this.#services.now())
    if (lesson !== undefined) this.#settlement.store = lesson
    if (probing) this.#settlement.unclaim = PROBE
  }

  /** Reads the figures at these positions again, unless another request of whatever Worker is doing so. */
  refresh<Value>(reading: Reading<Value>, positions: readonly number[]): void {
    this.#settlement.claim = reading.refreshName
    this.#refresh = async (services) => {
      const answer = await this.#trace.timed('store', () => reading.query(positions))
      const now = services.now()
      const lesson = lessonOf(answer, CLOSED_BREAKER, now)
      if (!answer.ok) this.#trace.note({ refresh_fault: answer.fault })
      const keys = pick(reading.cacheKeys, positions)
      const writes = answer.ok ? entriesOf(keys, answer.value, reading.site, now) : []
      await this.#settle({ unclaim: reading.refreshName, writes, ...(lesson && { store: lesson }) })
    }
  }

  /** Begins all of it; the promise ends when it has ended and never rejects. */
  async run(): Promise<void> {
    if (Object.keys(this.#settlement).length === 0) return
    const claimed = await this.#settle(this.#settlement)
    if (claimed) await this.#refresh?.(this.#services)
  }

  async #settle(settlement: Settlement): Promise<boolean> {
    const { claimed, fault } = await this.#trace.timed('redis', () =>
      this.#services.shared.settle(settlement, this.#services.now()),
    )
    if (fault) this.#trace.note({ settle_fault: fault })
    return claimed
  }
}

/** A refusal of our own making (401, 402, 400) says nothing of the store's health: one tenant's must not stop the others. */
function lessonOf(answer: StoreAnswer<unknown>, breaker: Breaker, now: number): Settlement['store'] {
  if (answer.ok) return breaker.failures > 0 || breaker.pause !== undefined ? 'recovered' : undefined
  if (answer.fault === 'quota') return quotaPause(now)
  return /^status_4/.test(answer.fault) ? undefined : 'failed'
}
