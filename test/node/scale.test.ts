// The simulation of `npm run scale`, with costs that can be checked by hand.
import { describe, expect, it } from 'vitest'
import type { RequestCost } from '../../bench/scale/measure-costs.ts'
import { averageCost, dollarsPerMillion, planFor } from '../../bench/scale/scale-plan.ts'
import { rateTable } from '../../bench/scale/scale-report.ts'
import { simulate } from '../../bench/scale/simulate.ts'

const cost: RequestCost = {
  ...{ kind: 'a request', redisCommands: 10, redisBytes: 1_000, redisCpuMs: 0.5 },
  ...{ postgresCpuMs: 2, storeQueries: 0, workerCpuMs: 1 },
}
const traffic = [{ share: 1, cost }]

describe('the simulation', () => {
  it('keeps a store as busy as the rate and the cost make it', () => {
    const { redis, postgres } = simulate(traffic, 1_000, 4)
    expect(redis.utilization).toBeCloseTo(0.5, 1)
    expect(postgres.utilization).toBeCloseTo(0.5, 1)
    expect(redis.waitP99Ms).toBeGreaterThan(0)
  })

  it('lets requests wait ever longer where they arrive faster than they are served', () => {
    expect(simulate(traffic, 4_000, 4).redis.waitP99Ms).toBeGreaterThan(1_000)
    expect(simulate(traffic, 100, 4).redis.waitP99Ms).toBeLessThan(5)
  })

  it('serves at the speed of a part of a processor', () => {
    expect(simulate(traffic, 100, 0.25).postgres.utilization).toBeCloseTo(0.8, 1)
  })

  it('is the same on every run', () => {
    expect(simulate(traffic, 100, 1)).toEqual(simulate(traffic, 100, 1))
  })
})

describe('the plan for a rate', () => {
  it('takes the smallest compute that suffices', () => {
    expect(planFor(traffic, 10).neonUnits).toBe(0.25)
    expect(planFor(traffic, 1_000).neonUnits).toBe(3)
  })

  it('names what breaks, first what is exceeded most', () => {
    expect(planFor(traffic, 10).broken).toEqual([])
    expect(planFor(traffic, 100).broken).toEqual(["the store's quota"])
    expect(planFor(traffic, 10_000).broken).toEqual([
      "the store's quota",
      'commands a second of the Redis plan',
      'one Redis process',
      "Neon's autoscaling",
    ])
  })

  it('is written as a row of a table', () => {
    expect(rateTable([planFor(traffic, 10)]).split('\n')[2]).toMatch(/^\| 10 \| 100 \| \d+ % busy \| 0.25 \|/)
  })
})

describe('the costs of a request', () => {
  it('are means by the share of the traffic', () => {
    const other = { share: 3, cost: { ...cost, redisCommands: 2 } }
    expect(averageCost([...traffic, other]).redisCommands).toBe(4)
  })

  it('become dollars at the list prices', () => {
    expect(dollarsPerMillion(cost)).toEqual({
      redis: expect.closeTo(20.03, 2),
      neon: expect.closeTo(0.084, 3),
      workers: expect.closeTo(0.32, 2),
    })
  })
})
