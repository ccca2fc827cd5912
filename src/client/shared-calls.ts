// Keeps the answers of calls for a while, and lets equal calls under way share one.

import { beforeAbort } from './call-options.ts'
import type { Patience } from './retry.ts'

/** How far a long call is. */
export interface Progress {
  /** Jobs whose figures are there. */
  done: number
  total: number
}

/** A call as one caller sees it. */
export interface Caller extends Patience {
  onProgress?: ((progress: Progress) => void) | undefined
}

interface SharedCall<Value> {
  value: Promise<Value>
  callers: Set<Caller>
  abandon: AbortController
  /** Epoch milliseconds; infinite while it is under way. */
  keptUntil: number
}

const MAX_KEPT_CALLS = 100

/** The calls of one client. A call that fails is not kept; one that no caller waits for any more is aborted. */
export class SharedCalls<Value> {
  readonly #maxAgeMs: number
  readonly #calls = new Map<string, SharedCall<Value>>()

  /** `maxAgeMs` 0: every call is on its own. */
  constructor(maxAgeMs: number) {
    this.#maxAgeMs = maxAgeMs
  }

  /** The value of the call of this name: kept, under way, or from `work`. Rejects with the signal's reason when it fires. */
  async join(name: string, caller: Caller, work: (caller: Caller) => Promise<Value>): Promise<Value> {
    if (this.#maxAgeMs === 0) return work(caller)
    const known = this.#calls.get(name)
    const call = known && known.keptUntil > Date.now() ? known : this.#start(name, caller.deadlineAt, work)
    call.callers.add(caller)
    try {
      return await beforeAbort(call.value, caller.signal)
    } finally {
      call.callers.delete(caller)
      if (call.callers.size === 0) this.#abandon(call)
    }
  }

  #start(name: string, deadlineAt: number, work: (caller: Caller) => Promise<Value>): SharedCall<Value> {
    const abandon = new AbortController()
    const callers = new Set<Caller>()
    const onProgress = (progress: Progress) => {
      for (const caller of callers) caller.onProgress?.(progress)
    }
    const value = work({ signal: abandon.signal, deadlineAt, onProgress })
    const call = { value, callers, abandon, keptUntil: Number.POSITIVE_INFINITY }
    this.#calls.delete(name)
    this.#calls.set(name, call)
    value.then(
      () => {
        call.keptUntil = Date.now() + this.#maxAgeMs
        this.#dropOldest()
      },
      () => {
        call.keptUntil = 0
      },
    )
    return call
  }

  /** Ends it if it is still under way, and lets nobody join it any more. */
  #abandon(call: SharedCall<Value>): void {
    if (call.keptUntil !== Number.POSITIVE_INFINITY) return
    call.keptUntil = 0
    call.abandon.abort()
  }

  #dropOldest(): void {
    for (const [name, call] of this.#calls) {
      if (this.#calls.size <= MAX_KEPT_CALLS) return
      if (call.keptUntil !== Number.POSITIVE_INFINITY) this.#calls.delete(name)
    }
  }
}
