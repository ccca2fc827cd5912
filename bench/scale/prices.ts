// List prices and limits of the services, as their price pages had them on one day. Check them before you rely on a sum.

/** The day on which they were read. */
export const PRICES_OF = '2026-11-26'

/** Dollars, and what they buy. */
export const PRICES = {
  /** Upstash Redis, pay as you go: every command counts, those within scripts too. */
  redisPer100kCommands: 0.2,
  /** Beyond 200 GB a month. */
  redisPerGigabyte: 0.03,
  redisFreeGigabytes: 200,
  /** Neon, Launch plan: a compute unit (1 vCPU, 4 GB) for an hour. Scale costs 0.222. */
  neonPerUnitHour: 0.106,
  /** Cloudflare Workers Paid: 5 dollars a month include 10 million requests and 30 million CPU milliseconds. */
  workersBase: 5,
  workersPerMillionRequests: 0.3,
  workersPerMillionCpuMs: 0.02,
  workersFreeMillionRequests: 10,
  workersFreeMillionCpuMs: 30,
} as const

/** What a service does not do more of, whatever it is paid, without another plan. */
export const PLAN_LIMITS = {
  /** Upstash, pay as you go. */
  redisCommandsPerSecond: 10_000,
  /** Neon scales up by itself to this size; larger computes have a fixed one. */
  neonAutoscalingUnits: 16,
  /** Plausible's cloud. The Community Edition allows a million. */
  storeQueriesPerHour: 600,
} as const

/** The sizes of a Neon compute, in compute units. */
export const NEON_UNITS = [0.25, 0.5, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 24, 32, 40, 48, 56] as const
