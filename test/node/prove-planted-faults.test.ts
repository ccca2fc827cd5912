// A run over the real Worker in which faults were planted: too high limits, a job of another organization, a visit too many.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportOf } from '../../prove/report.ts'
import { type RunFigures, runProve } from '../../prove/run-prove.ts'
import { type ProveStack, startProveStack } from '../../prove/stack/prove-stack.ts'

const SEED = 'planted'
const EFFORT = {
  ...{ minutes: 0.25, concurrency: 4, windowSeconds: 10, faultMs: 500, pauseMs: 100 },
  parts: ['requests', 'limits'] as const,
}

describe.runIf(process.platform === 'linux')('npm run prove, over a Worker with planted faults', () => {
  let stack: ProveStack
  let figures: RunFigures
  let report: string

  beforeAll(async () => {
    stack = await startProveStack({
      ...{
        seed: SEED,
        windowSeconds: EFFORT.windowSeconds,
        validKeys: 20,
        isEmbedded: true,
        onProgress: () => {},
      },
      bindings: { RATE_LIMIT_REQUESTS: '101', CONCURRENCY_LIMIT: '11' },
    })
    const [amber, birch, cobalt] = stack.world.tenants
    // What the database and the store hold from now on is not what the world says.
    await stack.postgres.sql.query('update jobs set title = $1 where id = $2', [
      birch?.jobs[0]?.title ?? '',
      amber?.jobs[3]?.id ?? '',
    ])
    await fetch(`${stack.analytics.url()}/local/visits`, {
      method: 'POST',
      body: JSON.stringify({
        ...{ timestamp: new Date(Date.now() - 3 * 86_400_000).toISOString(), domain: cobalt?.domain },
        ...{ name: 'pageview', pathname: cobalt?.jobs[2]?.paths[0], visitor: 'one-too-many' },
      }),
    })
    figures = await runProve(stack, SEED, { ...EFFORT, parts: [...EFFORT.parts] }, () => {})
    report = reportOf(stack, figures, { ...EFFORT, parts: [...EFFORT.parts] })
  }, 120_000)
  afterAll(() => stack?.close())

  const found = (kind: string) => figures.findings.groups.find((group) => group.kind === kind)?.examples[0]

  it('finds the limit of 101 by timestamps', () => {
    expect(found('limit')?.text).toMatch(/^101 requests of one key were admitted within \d+ ms$/)
  })

  it('finds the eleventh request at once', () => {
    expect(found('concurrency')?.text).toBe('11 requests of one key were in progress at once')
  })

  it('finds the text of another organization, and names the request', () => {
    expect(found('foreign')).toMatchObject({
      text: 'the response holds qbirch of another organization',
      command: expect.stringMatching(/^npm run prove -- --seed planted --case \d+$/),
    })
  })

  it('finds the visit too many', () => {
    expect(found('figure')?.text).toMatch(/is \d+, not \d+|is not/)
    const examples = figures.findings.groups.find(({ kind }) => kind === 'figure')?.examples ?? []
    expect(examples.length).toBeGreaterThan(0)
  })

  it('reports nothing else, and the commands in the report', () => {
    const kinds = figures.findings.groups.map(({ kind }) => kind)
    expect(kinds.toSorted()).toEqual(['concurrency', 'figure', 'foreign', 'limit'])
    expect(figures.tally.compared).toBeGreaterThan(20)
    expect(report).toContain('## Findings')
    expect(report).toContain(found('foreign')?.command)
  })
})
