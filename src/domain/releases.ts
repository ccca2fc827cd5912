// The slots this isolate is giving back, so that the next request of the key does not have to wait for them.

const MAX_PER_KEY = 100

/**
 * Which requests of which key have ended while the message that frees their slots is still on its way. A caller who
 * has its answer may ask again at once, and that question could overtake the message; so it carries their ids along.
 * Plain strings, so it may outlive requests; each is forgotten when its message has arrived or failed.
 */
export class Releases {
  readonly #underWay = new Map<string, string[]>()

  /** Notes that the slot of this request is being given back. */
  begin(keyHash: string, requestId: string): void {
    const ids = this.#underWay.get(keyHash)
    if (ids === undefined) this.#underWay.set(keyHash, [requestId])
    else if (ids.length < MAX_PER_KEY) ids.push(requestId)
  }

  /** Forgets it. */
  end(keyHash: string, requestId: string): void {
    const ids = this.#underWay.get(keyHash)
    const place = ids?.indexOf(requestId) ?? -1
    if (ids === undefined || place === -1) return
    if (ids.length === 1) this.#underWay.delete(keyHash)
    else ids.splice(place, 1)
  }

  /** The requests of this key whose slots are on their way back. */
  of(keyHash: string): readonly string[] {
    return [...(this.#underWay.get(keyHash) ?? [])]
  }
}
