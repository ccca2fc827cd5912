// Caches the results of calls for a while, and lets equal calls under way share one.

import { beforeAbort } from './call-options.ts'
import type { Patience } from './retry.ts'

/** How far a call has come. */
export interface Progress {
  /** Jobs whose figures have been read. */
  done: number
  /** Jobs in all. An ID that occurs several times counts once. */
  total: number
  /** Set when the call waits for a second or more, for the rate limit or before a retry: the end of the wait. */
  waitingUntil?: Date
}

/** One caller of a shared call. */
export interface Caller extends Patience {
  onProgress?: ((progress: Progress) => void) | undefined
}

interface SharedCall<Value> {
  value: Promise<Value>
  callers: Set<Caller>
  abandon: AbortController
  /** Epoch milliseconds. Infinite while the call is under way. */
  freshUntil: number
}

const MAX_CACHED_CALLS = 100

/** The calls of one client. A failed call is not cached. A call under way is aborted once its last caller has left. */
export class SharedCalls<Value> {
  readonly #maxAgeMs: number
  readonly #calls = new Map<string, SharedCall<Value>>()

  /** `maxAgeMs`: how long results are cached. 0 turns the cache and the sharing off. */
  constructor(maxAgeMs: number) {
    this.#maxAgeMs = maxAgeMs
  }

  /** The value of the call with this name: cached, under way, or from `work`. Rejects with the reason of the caller's signal when it fires. */
  async join(name: string, caller: Caller, work: (caller: Caller) => Promise<Value>): Promise<Value> {
    if (this.#maxAgeMs === 0) return work(caller)
    const known = this.#calls.get(name)
    const call = known && known.freshUntil > Date.now() ? known : this.#start(name, caller.deadlineAt, work)
    call.callers.add(caller)
    try {
      return await beforeAbort(call.value, caller.signal)
    } finally {
      call.callers.delete(caller)
      if (call.callers.size === 0) this.#abandon(call)
    }
  }

  #start(
    name: string,
    deadlineAt: () => number,
    work: (caller: Caller) => Promise<Value>,
  ): SharedCall<Value> {
    const abandon = new AbortController()
    const callers = new Set<Caller>()
    const onProgress = (progress: Progress) => {
      for (const caller of callers) caller.onProgress?.(progress)
    }
    const value = work({ signal: abandon.signal, deadlineAt, onProgress })
    const call = { value, callers, abandon, freshUntil: Number.POSITIVE_INFINITY }
    this.#calls.delete(name)
    this.#calls.set(name, call)
    value.then(
      () => {
        call.freshUntil = Date.now() + this.#maxAgeMs
        this.#dropOldest()
      },
      () => {
        call.freshUntil = 0
      },
    )
    return call
  }

  /** Ends the call if it is still under way. Later callers start a new one. */
  #abandon(call: SharedCall<Value>): void {
    if (call.freshUntil !== Number.POSITIVE_INFINITY) return
    call.freshUntil = 0
    call.abandon.abort()
  }

  #dropOldest(): void {
    for (const [name, call] of this.#calls) {
      if (this.#calls.size <= MAX_CACHED_CALLS) return
      if (call.freshUntil !== Number.POSITIVE_INFINITY) this.#calls.delete(name)
    }
  }
}
