// The slots this isolate is giving back, so that the next request of the key does not have to wait for them.

const MAX_PER_KEY = 100

/**
 * Which requests of which key have ended while the message that frees their slots is still on its way. A caller who
 * has its answer may ask again at once, and that question could overtake the message; so it carries their ids along.
 * Plain strings, so it may outlive requests; each is forgotten when its message has arrived or failed.
 */
export class Releases {
  readonly #underWay = new Map<string, Set<string>>()

  /** Notes that the slot of this request is being given back. */
  begin(keyHash: string, requestId: string): void {
    const ids = this.#underWay.get(keyHash) ?? new Set()
    if (ids.size < MAX_PER_KEY) ids.add(requestId)
    this.#underWay.set(keyHash, ids)
  }

  /** Forgets it. */
  end(keyHash: string, requestId: string): void {
    const ids = this.#underWay.get(keyHash)
    ids?.delete(requestId)
    if (ids?.size === 0) this.#underWay.delete(keyHash)
  }

  /** The requests of this key whose slots are on their way back. */
  of(keyHash: string): string[] {
    return [...(this.#underWay.get(keyHash) ?? [])]
  }
}
