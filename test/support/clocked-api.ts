// An API whose clock a test turns, and whose stores are the test's own: it counts their requests and makes them fail.

import { addDays, dayAt, startOfDay } from '../../src/analytics/windows.ts'
import type { Services } from '../../src/services.ts'
import { type Api, type ApiResponse, createApi, createFaultyStore, type FaultyStore } from './api.ts'

const NOON_MS = 12 * 3_600_000

/** How many requests each store has received. */
export interface StoreRequests {
  redis: number
  postgres: number
  plausible: number
}

/** The API and the means to test it. */
export interface ClockedApi {
  api: Api
  /** The bindings of the API, for a second Worker with the same stores. */
  vars: Record<string, string>
  stores: Record<keyof StoreRequests, FaultyStore>
  clock: {
    now(): number
    /** Goes to a moment (epoch milliseconds), from which the clock runs on. */
    set(at: number): void
    /** Goes forward. */
    forward(ms: number): void
  }
  requests(): Promise<StoreRequests>
  /** The bodies of the queries that the analytics store received, in their order. */
  queries(): Promise<Record<string, unknown>[]>
}

/** The first moment of a day, in epoch milliseconds: `0` is today. */
export function midnight(timeZone: string, days = 0): number {
  return startOfDay(timeZone, addDays(dayAt(timeZone, Date.now()), days))
}

/** Noon of today, so that the day does not turn during a test by itself. */
export function noon(timeZone: string): number {
  return midnight(timeZone) + NOON_MS
}

/** Builds the API. Its clock starts at `at`. `RATE_LIMIT_REQUESTS` is 100,000 unless `vars` say otherwise. */
export function createClockedApi(
  at: number,
  vars: Record<string, string> = {},
  services: Partial<Services> = {},
): ClockedApi {
  const stores = {
    redis: createFaultyStore('redis'),
    postgres: createFaultyStore('postgres'),
    plausible: createFaultyStore('plausible'),
  }
  let offsetMs = at - Date.now()
  const now = () => Date.now() + offsetMs
  const all = Object.assign(
    { RATE_LIMIT_REQUESTS: '100000' },
    ...Object.values(stores).map((store) => store.vars),
    vars,
  )
  const reportOf = (store: keyof StoreRequests) => stores[store].report()
  return {
    api: createApi(all, { now, ...services }),
    vars: all,
    stores,
    clock: {
      now,
      set: (moment) => {
        offsetMs = moment - Date.now()
      },
      forward: (ms) => {
        offsetMs += ms
      },
    },
    async requests() {
      const [redis, postgres, plausible] = await Promise.all([
        reportOf('redis'),
        reportOf('postgres'),
        reportOf('plausible'),
      ])
      return { redis: redis.requests, postgres: postgres.requests, plausible: plausible.requests }
    },
    queries: async () => (await reportOf('plausible')).bodies.map((body) => JSON.parse(body)),
  }
}

/** What a response says about the cache: `Cache-Status` without the cache's name, `max-age` and `Age`. */
export function cacheOf({ headers }: Pick<ApiResponse, 'headers'>): {
  status: string
  maxAge: number
  age: number
} {
  return {
    status: (headers.get('cache-status') ?? '').replace('job-analytics; ', ''),
    maxAge: Number((headers.get('cache-control') ?? '').replace('private, max-age=', '')),
    age: Number(headers.get('age')),
  }
}
