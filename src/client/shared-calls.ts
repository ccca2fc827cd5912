// Keeps the answers of calls for a while, and lets equal calls under way share one.

export interface Progress {
  /** Jobs whose figures are there. */
  done: number
  total: number
}

/** A call as one caller sees it. */
export interface Caller {
  signal: AbortSignal
  onProgress?: ((progress: Progress) => void) | undefined
}

/** Does the work of a call. */
export type Work<Value> = (caller: Caller) => Promise<Value>

interface SharedCall<Value> {
  value: Promise<Value>
  abandon: AbortController
  callers: Set<Caller>
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
  async join(name: string, caller: Caller, work: Work<Value>): Promise<Value> {
    caller.signal.throwIfAborted()
    if (this.#maxAgeMs === 0) return work(caller)
    const known = this.#calls.get(name)
    const call = known && known.keptUntil > Date.now() ? known : this.#start(name, work)
    call.callers.add(caller)
    try {
      return await beforeAbort(call.value, caller.signal)
    } finally {
      call.callers.delete(caller)
      if (call.callers.size === 0) call.abandon.abort()
    }
  }

  #start(name: string, work: Work<Value>): SharedCall<Value> {
    const abandon = new AbortController()
    const callers = new Set<Caller>()
    const onProgress = (progress: Progress) => {
      for (const caller of callers) caller.onProgress?.(progress)
    }
    const value = work({ signal: abandon.signal, onProgress })
    const call = { value, abandon, callers, keptUntil: Number.POSITIVE_INFINITY }
    this.#calls.delete(name)
    this.#calls.set(name, call)
    value.then(
      () => {
        call.keptUntil = Date.now() + this.#maxAgeMs
        this.#dropOldest()
      },
      () => {
        if (this.#calls.get(name) === call) this.#calls.delete(name)
      },
    )
    // Nobody may join what is about to end.
    abandon.signal.addEventListener('abort', () => {
      if (call.keptUntil === Number.POSITIVE_INFINITY) call.keptUntil = 0
    })
    return call
  }

  #dropOldest(): void {
    for (const [name, call] of this.#calls) {
      if (this.#calls.size <= MAX_KEPT_CALLS) return
      if (call.keptUntil !== Number.POSITIVE_INFINITY) this.#calls.delete(name)
    }
  }
}

/** The promise, or the signal's reason where that comes first. */
function beforeAbort<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
