// Fair share of the store's quota: no organization takes what the others need.

/** Queries to the store in the current clock hour. */
export interface Spending {
  total: number
  /** By organization; those that spent the least may be left out. */
  byOrganization: ReadonlyMap<string, number>
}

/**
 * The most queries for one request: on the free plan a Worker may send 50 requests for one of its own, and some of them go to
 * Redis and Postgres.
 */
export const MAX_QUERIES = 40

/** Nothing is spent. */
export const NO_SPENDING: Spending = { total: 0, byOrganization: new Map() }

/**
 * Whether an organization may send `cost` more queries. It may use as much of the quota as it leaves to all others: half of
 * it if it is alone, and less the more the others use. `perHour` 0 means no limit. (A dynamic threshold as in Choudhury and
 * Hahne, "Dynamic queue length thresholds for shared-memory packet switches", 1998, with a factor of 1.)
 */
export function isWithinShare(
  { total, byOrganization }: Spending,
  organizationId: string,
  cost: number,
  perHour: number,
): boolean {
  if (perHour === 0) return true
  const own = byOrganization.get(organizationId) ?? 0
  return own + cost <= perHour - total
}

/** Whether the whole quota is as good as spent, so that a refusal by the store is no surprise. */
export function isQuotaSpent({ total }: Spending, perHour: number): boolean {
  return perHour > 0 && total >= perHour * 0.95
}

/** Whether less than half of the quota is used, so that queries which can wait may be sent. */
export function isQuotaRoomy({ total }: Spending, perHour: number): boolean {
  return perHour === 0 || total < perHour / 2
}

/** Queries that one request sends for an organization. */
export interface Queries {
  organizationId: string
  count: number
}

/** Longer than any request takes, so that none that is in progress misses a query. */
const MEMORY_MS = 15_000

/**
 * The queries of this isolate that the count in Redis, as a request has read it on arrival, may not include: those that are
 * not counted yet, and those that were counted after the request arrived. It makes the share exact within one isolate.
 */
export class SentQueries {
  /** By the time they were added. Those whose count failed stay until they are forgotten. */
  readonly #uncounted = new Map<Queries, number>()
  /** In the order in which Redis counted them. */
  readonly #counted: { queries: Queries; order: number; at: number }[] = []
  #order = 0

  /** The next number in the order of events in this isolate. */
  mark(): number {
    return ++this.#order
  }

  /** Records queries before they are sent. `now` is in epoch milliseconds. */
  add(queries: Queries, now: number): void {
    this.#forget(now - MEMORY_MS)
    this.#uncounted.set(queries, now)
  }

  /** Records that Redis has counted them. */
  counted(queries: Queries, now: number): void {
    if (this.#uncounted.delete(queries)) this.#counted.push({ queries, order: this.mark(), at: now })
  }

  /** Forgets queries that are not sent after all. */
  remove(queries: Queries): void {
    this.#uncounted.delete(queries)
  }

  /** The spending that a request has read, with the queries that it may lack. `arrival` is the request's mark. */
  addTo({ total, byOrganization }: Spending, arrival: number): Spending {
    const lastKnown = this.#counted.findLastIndex(({ order }) => order < arrival)
    const counted = this.#counted.slice(lastKnown + 1).map(({ queries }) => queries)
    const sum = new Map(byOrganization)
    let missing = 0
    for (const { organizationId, count } of [...this.#uncounted.keys(), ...counted]) {
      sum.set(organizationId, (sum.get(organizationId) ?? 0) + count)
      missing += count
    }
    return { total: total + missing, byOrganization: sum }
  }

  #forget(before: number): void {
    for (const [queries, addedAt] of this.#uncounted) {
      if (addedAt >= before) break
      this.#uncounted.delete(queries)
    }
    const kept = this.#counted.findIndex(({ at }) => at >= before)
    this.#counted.splice(0, kept === -1 ? this.#counted.length : kept)
  }
}
