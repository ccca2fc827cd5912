// The requests that this isolate has counted and not yet sent to Redis.

import { type UsageCount, type UsageOutcome, type UsageOwner, usageDay } from './usage.ts'

const MAX_KEYS = 10_000
const MAX_PER_MESSAGE = 100

interface KeyUsage {
  owner?: UsageOwner
  counts: Map<string, Omit<UsageCount, keyof UsageOwner>>
}

/**
 * Requests by the key's hash. A refusal without a hop has no message of its own, so it waits for the next one of any request; it
 * is counted once the database has named the owner of the key, so a key that does not exist is never counted. Holds at most
 * 10,000 keys and drops the least recently used one.
 */
export class UncountedUsage {
  readonly #keys = new Map<string, KeyUsage>()
  /** Keys whose owner is known and that have requests to count. */
  readonly #countable = new Set<string>()

  /** Records the owner of a key. */
  identify(keyHash: string, owner: UsageOwner): void {
    const usage = this.#use(keyHash)
    usage.owner = owner
    if (usage.counts.size > 0) this.#countable.add(keyHash)
  }

  /** Records a request that arrived at `at` (epoch milliseconds). */
  add(keyHash: string, outcome: UsageOutcome, at: number): void {
    const { owner, counts } = this.#use(keyHash)
    const day = usageDay(at)
    const { count } = counts.get(day + outcome) ?? { count: 0 }
    counts.set(day + outcome, { day, outcome, count: count + 1 })
    if (owner) this.#countable.add(keyHash)
  }

  /** Drops everything recorded about a key that the database does not have. */
  forget(keyHash: string): void {
    this.#keys.delete(keyHash)
    this.#countable.delete(keyHash)
  }

  /** Removes and returns what one message may count. The rest waits for the next one. */
  take(): UsageCount[] {
    const taken: UsageCount[] = []
    for (const keyHash of this.#countable) {
      if (taken.length >= MAX_PER_MESSAGE) break
      const { owner, counts } = this.#use(keyHash)
      if (owner) for (const count of counts.values()) taken.push({ ...owner, ...count })
      counts.clear()
      this.#countable.delete(keyHash)
    }
    return taken
  }

  #use(keyHash: string): KeyUsage {
    const usage = this.#keys.get(keyHash) ?? { counts: new Map() }
    this.#keys.delete(keyHash)
    if (this.#keys.size >= MAX_KEYS) {
      const [oldest] = this.#keys.keys()
      if (oldest !== undefined) this.forget(oldest)
    }
    this.#keys.set(keyHash, usage)
    return usage
  }
}
