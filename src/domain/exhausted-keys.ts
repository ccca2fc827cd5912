// Remembers, in the isolate's own memory, keys whose window is full: hammering then costs no subrequest.

const MAX_KEYS = 10_000

/**
 * Until when each key's window is full, by the key's hash. Plain numbers, so it may outlive requests; at most 10,000
 * keys, the oldest forgotten first. A log of requests only grows between expiries, so a full window stays full until
 * its oldest request leaves it: answering from here is exact.
 */
export class ExhaustedKeys {
  readonly #until = new Map<string, number>()

  /** Notes that this key cannot be admitted before `until` (epoch milliseconds). */
  remember(keyHash: string, until: number): void {
    this.#until.delete(keyHash)
    if (this.#until.size >= MAX_KEYS) {
      const [oldest] = this.#until.keys()
      if (oldest !== undefined) this.#until.delete(oldest)
    }
    this.#until.set(keyHash, until)
  }

  /** Milliseconds this key still has to wait at `now`; 0 when it may try. */
  waitMs(keyHash: string, now: number): number {
    const until = this.#until.get(keyHash)
    if (until === undefined) return 0
    if (until > now) return until - now
    this.#until.delete(keyHash)
    return 0
  }
}
