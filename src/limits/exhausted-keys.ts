// Remembers, in the isolate's memory, keys whose window is full, so that refusing them again costs no subrequest.

const MAX_KEYS = 10_000

/**
 * Until when each key's window is full, by the limit ID. Holds at most 10,000 keys and drops the oldest first. A log
 * only grows until its oldest request leaves the window, so a full window stays full until then. A key may be refused for
 * longer by the time that Redis' response takes, and never waits too short a time.
 */
export class ExhaustedKeys {
  readonly #until = new Map<string, number>()

  /** Records that this key cannot be admitted before `until` (epoch milliseconds). */
  remember(limitId: string, until: number): void {
    this.#until.delete(limitId)
    if (this.#until.size >= MAX_KEYS) {
      const [oldest] = this.#until.keys()
      if (oldest !== undefined) this.#until.delete(oldest)
    }
    this.#until.set(limitId, until)
  }

  /** Milliseconds this key has to wait at `now`; 0 when it may try. */
  waitMs(limitId: string, now: number): number {
    const until = this.#until.get(limitId)
    if (until === undefined) return 0
    if (until > now) return until - now
    this.#until.delete(limitId)
    return 0
  }
}
