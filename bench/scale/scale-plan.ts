// From costs and a rate to what is needed, what it costs, and what breaks first.

import type { RequestCost } from './measure-costs.ts'
import { NEON_UNITS, PLAN_LIMITS, PRICES } from './prices.ts'
import { type SimulatedRate, simulate, type TrafficPart } from './simulate.ts'

/** What a rate needs. */
export interface ScalePlan {
  simulated: SimulatedRate
  /** The smallest Neon compute with which nearly no request waits; undefined if the largest does not suffice. */
  neonUnits: number | undefined
  redisCommandsPerSecond: number
  redisGigabytesPerMonth: number
  storeQueriesPerHour: number
  /** Dollars a month, if the rate holds all the time. */
  dollars: { redis: number; neon: number; workers: number }
  /** What does not suffice any more, first what fails first. */
  broken: string[]
}

const MONTH_SECONDS = 30 * 86_400
const MAX_WAIT_MS = 20
const MAX_UTILIZATION = 0.7
/** How many organizations poll at these rates: each sends a request every so many seconds. */
export const SECONDS_PER_ORGANIZATION = 10
/** How many different figures an organization polls, each read twice a day: after midnight and once its late events have come. */
export const FIGURES_PER_ORGANIZATION = 4
const READS_PER_DAY = 2
/** A day turns for all organizations of a time zone at once, so their queries fall into few hours. */
const HOURS_OF_READS = 2

/** The costs of an average request. */
export function averageCost(traffic: readonly TrafficPart[]): RequestCost {
  const total = traffic.reduce((sum, { share }) => sum + share, 0)
  const mean = (value: (cost: RequestCost) => number) =>
    traffic.reduce((sum, { share, cost }) => sum + share * value(cost), 0) / total
  return {
    kind: 'average of the traffic',
    redisCommands: mean((cost) => cost.redisCommands),
    redisBytes: mean((cost) => cost.redisBytes),
    redisCpuMs: mean((cost) => cost.redisCpuMs),
    postgresCpuMs: mean((cost) => cost.postgresCpuMs),
    storeQueries: mean((cost) => cost.storeQueries),
    workerCpuMs: mean((cost) => cost.workerCpuMs),
  }
}

/** Dollars for a million such requests, without what the plans include. */
export function dollarsPerMillion(cost: RequestCost): { redis: number; neon: number; workers: number } {
  const gigabytes = cost.redisBytes / 1_000
  return {
    redis: cost.redisCommands * 10 * PRICES.redisPer100kCommands + gigabytes * PRICES.redisPerGigabyte,
    neon: ((cost.postgresCpuMs * 1_000) / 3_600 / MAX_UTILIZATION) * PRICES.neonPerUnitHour,
    workers: PRICES.workersPerMillionRequests + cost.workerCpuMs * PRICES.workersPerMillionCpuMs,
  }
}

/** The plan for a rate. */
export function planFor(traffic: readonly TrafficPart[], requestsPerSecond: number): ScalePlan {
  const cost = averageCost(traffic)
  const isEnough = ({ postgres }: SimulatedRate) =>
    postgres.utilization <= MAX_UTILIZATION && postgres.waitP99Ms <= MAX_WAIT_MS
  const neonUnits = NEON_UNITS.find((units) => isEnough(simulate(traffic, requestsPerSecond, units)))
  const simulated = simulate(traffic, requestsPerSecond, neonUnits ?? NEON_UNITS.at(-1) ?? 1)
  const redisCommandsPerSecond = cost.redisCommands * requestsPerSecond
  const redisGigabytesPerMonth = (cost.redisBytes * requestsPerSecond * MONTH_SECONDS) / 1e9
  const organizations = requestsPerSecond * SECONDS_PER_ORGANIZATION
  const storeQueriesPerHour = (organizations * FIGURES_PER_ORGANIZATION * READS_PER_DAY) / HOURS_OF_READS
  const millions = (requestsPerSecond * MONTH_SECONDS) / 1e6
  const beyond = (used: number, free: number, price: number) => Math.max(0, used - free) * price
  return {
    ...{ simulated, neonUnits, redisCommandsPerSecond, redisGigabytesPerMonth, storeQueriesPerHour },
    dollars: {
      redis:
        millions * cost.redisCommands * 10 * PRICES.redisPer100kCommands +
        beyond(redisGigabytesPerMonth, PRICES.redisFreeGigabytes, PRICES.redisPerGigabyte),
      neon: ((neonUnits ?? Number.NaN) * PRICES.neonPerUnitHour * MONTH_SECONDS) / 3_600,
      workers:
        PRICES.workersBase +
        beyond(millions, PRICES.workersFreeMillionRequests, PRICES.workersPerMillionRequests) +
        beyond(millions * cost.workerCpuMs, PRICES.workersFreeMillionCpuMs, PRICES.workersPerMillionCpuMs),
    },
    broken: brokenAt({ storeQueriesPerHour, redisCommandsPerSecond, neonUnits, simulated }),
  }
}

function brokenAt({
  storeQueriesPerHour,
  redisCommandsPerSecond,
  neonUnits,
  simulated,
}: Pick<ScalePlan, 'storeQueriesPerHour' | 'redisCommandsPerSecond' | 'neonUnits' | 'simulated'>): string[] {
  const { storeQueriesPerHour: quota, redisCommandsPerSecond: commands, neonAutoscalingUnits } = PLAN_LIMITS
  const loads = [
    { name: "the store's quota", load: storeQueriesPerHour / quota },
    { name: 'commands a second of the Redis plan', load: redisCommandsPerSecond / commands },
    { name: 'one Redis process', load: simulated.redis.utilization / MAX_UTILIZATION },
    { name: "Neon's autoscaling", load: (neonUnits ?? Number.POSITIVE_INFINITY) / neonAutoscalingUnits },
  ]
  return loads
    .filter(({ load }) => load > 1)
    .toSorted((a, b) => b.load - a.load)
    .map(({ name }) => name)
}
