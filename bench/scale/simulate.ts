// Simulates arrivals at a rate: each request occupies Redis and Postgres for as long as it was measured to, and others wait.

import { createRandom, type Random, weighted } from '../../local/demo/random.ts'
import type { RequestCost } from './measure-costs.ts'

/** A kind of request, its share of the traffic and its costs. */
export interface TrafficPart {
  share: number
  cost: RequestCost
}

/** How a store copes. */
export interface StoreLoad {
  /** The share of the time in which it works; more than 1 is more than it can do. */
  utilization: number
  /** How long 99 of 100 requests wait at most, besides the work itself. */
  waitP99Ms: number
}

/** What happens at a rate. */
export interface SimulatedRate {
  requestsPerSecond: number
  redis: StoreLoad
  postgres: StoreLoad
}

const MAX_ARRIVALS = 200_000
const MIN_SECONDS = 20

/** `postgresUnits` is the number of processors; a part of one works more slowly. Redis works on one request at a time. */
export function simulate(
  traffic: readonly TrafficPart[],
  requestsPerSecond: number,
  postgresUnits: number,
): SimulatedRate {
  const random = createRandom(`${requestsPerSecond} ${postgresUnits}`)
  const seconds = Math.max(MIN_SECONDS, Math.min(60, MAX_ARRIVALS / requestsPerSecond))
  const count = Math.min(MAX_ARRIVALS, Math.round(requestsPerSecond * seconds))
  const redis = new Queue(1, 1)
  const postgres = new Queue(Math.max(1, Math.floor(postgresUnits)), Math.min(1, postgresUnits))
  const draw = weighted(traffic.map((part) => [part, part.share] as const))
  let atMs = 0
  for (let arrival = 0; arrival < count; arrival++) {
    // Arrivals of many independent callers: the time between two has an exponential distribution.
    atMs += (-Math.log(1 - random.next()) / requestsPerSecond) * 1_000
    const { cost } = draw(random)
    if (cost.redisCpuMs > 0) redis.serve(atMs, cost.redisCpuMs, random)
    if (cost.postgresCpuMs > 0) postgres.serve(atMs, cost.postgresCpuMs, random)
  }
  return { requestsPerSecond, redis: redis.loadAt(atMs), postgres: postgres.loadAt(atMs) }
}

/** First come, first served, by a number of servers of equal speed. */
class Queue {
  readonly #freeAt: number[]
  readonly #speed: number
  readonly #waits: number[] = []
  #workMs = 0

  constructor(servers: number, speed: number) {
    this.#freeAt = Array<number>(servers).fill(0)
    this.#speed = speed
  }

  serve(atMs: number, workMs: number, random: Random): void {
    // Requests of one kind differ: between half and one and a half times the work.
    const ms = (workMs * (0.5 + random.next())) / this.#speed
    const free = this.#freeAt.indexOf(Math.min(...this.#freeAt))
    const startMs = Math.max(atMs, this.#freeAt[free] ?? 0)
    this.#freeAt[free] = startMs + ms
    this.#waits.push(startMs - atMs)
    this.#workMs += ms
  }

  loadAt(endMs: number): StoreLoad {
    const sorted = this.#waits.toSorted((a, b) => a - b)
    return {
      utilization: this.#workMs / (endMs * this.#freeAt.length),
      waitP99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    }
  }
}
