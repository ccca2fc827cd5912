// The slots that this isolate has to release, until Redis has acknowledged it.

const MAX_PER_KEY = 100
const MAX_KEYS = 10_000

/**
 * Requests that have ended and whose slots may still be taken, by the limit ID. The message that releases a slot may be in
 * flight or lost, so the next request of the key carries these ids along. Holds at most 100 ids of 10,000 keys.
 */
export class PendingReleases {
  readonly #ids = new Map<string, Set<string>>()

  /** Records that the slot of this request is to be released. */
  begin(limitId: string, requestId: string): void {
    const ids = this.#ids.get(limitId) ?? new Set()
    if (ids.size < MAX_PER_KEY) ids.add(requestId)
    this.#ids.set(limitId, ids)
    if (this.#ids.size <= MAX_KEYS) return
    const [oldest] = this.#ids.keys()
    if (oldest !== undefined) this.#ids.delete(oldest)
  }

  /** Records that Redis has acknowledged the release of these requests' slots. */
  end(limitId: string, requestIds: readonly string[]): void {
    const ids = this.#ids.get(limitId)
    if (ids === undefined) return
    for (const requestId of requestIds) ids.delete(requestId)
    if (ids.size === 0) this.#ids.delete(limitId)
  }

  /** The requests of this key whose slots are to be released. */
  of(limitId: string): readonly string[] {
    return [...(this.#ids.get(limitId) ?? [])]
  }
}
