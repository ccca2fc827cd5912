// Queries of the statistics API v1 about the spring's visits.
import { expect } from 'vitest'
import { SITE } from './spring-visits.ts'
import type { World } from './world.ts'

/** A row of a breakdown or a timeseries. */
export type V1Row = Record<string, string | number>

/** The parameters of a query about the spring. */
export const V1_SPRING = { site_id: SITE, period: 'custom', date: '2026-03-01,2026-04-30' }

/** Queries of v1 about the spring; `parameters` replace those of `V1_SPRING`. */
export type V1Questions = {
  /** The results; fails unless the status is 200. */
  results(endpoint: string, parameters: Record<string, string>): Promise<unknown>
  /** The rows of a breakdown. */
  breakdown(parameters: Record<string, string>): Promise<V1Row[]>
  /** The error's text; fails unless the status is 400. */
  error(endpoint: string, parameters: Record<string, string>): Promise<string | undefined>
  /** Changes which statistics APIs the stand-in serves. */
  serve(...apis: string[]): Promise<void>
}

/** Binds the queries to a stand-in that holds the spring. */
export function v1QuestionsTo(world: World): V1Questions {
  const ask = (endpoint: string, parameters: Record<string, string>) =>
    world.v1(endpoint, { ...V1_SPRING, ...parameters })
  const results = async (endpoint: string, parameters: Record<string, string>) => {
    const { status, body } = await ask(endpoint, parameters)
    expect([status, body.error]).toEqual([200, undefined])
    return body.results
  }
  return {
    results,
    breakdown: async (parameters) => (await results('breakdown', parameters)) as V1Row[],
    async error(endpoint, parameters) {
      const { status, body } = await ask(endpoint, parameters)
      expect(status).toBe(400)
      return body.error
    },
    async serve(...apis) {
      expect(await world.send('POST', '/local/stats-apis', { serve: apis })).toMatchObject({ status: 200 })
    },
  }
}
