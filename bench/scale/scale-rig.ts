// The Worker over a real Redis and a real Postgres server with the demo in them, and the kinds of requests whose cost is measured.

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleWorker } from '../../harness/bundle-worker.ts'
import { type PostgresStore, startPostgresStore } from '../../harness/postgres-store.ts'
import { type RedisStore, startRedisStore } from '../../harness/redis-store.ts'
import { type RunningWorker, startWorkerd } from '../../harness/workerd.ts'
import { APPLY_EVENT } from '../../local/demo/demo-visits.ts'
import { seedDemo } from '../../local/demo/seed-demo.ts'
import type { DemoOrganization } from '../../local/demo-schema.ts'
import { startPlausibleProcess } from '../../local/plausible-process.ts'

/** What runs. */
export interface ScaleRig {
  redis: RedisStore
  postgres: PostgresStore
  analytics: { countQueries(): Promise<number> }
  worker: RunningWorker
  organization: DemoOrganization
  close(): Promise<void>
}

/** Starts it. Rejects if Redis or Postgres is not installed: costs of the embedded engines say nothing about a server. */
export async function startScaleRig(): Promise<ScaleRig> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-scale-'))
  const parts: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })]
  const close = async () => {
    for (const end of parts.splice(0).reverse()) await end()
  }
  try {
    const now = new Date()
    const [apiKeySecret, plausibleKey, token] = [secret(), secret(), secret()]
    const redis = await startRedisStore({ isEmbedded: false, token })
    parts.push(() => redis.close())
    const postgres = await startPostgresStore({ isEmbedded: false })
    parts.push(() => postgres.close())
    if (redis.pids().length === 0 || postgres.pids().length === 0) {
      throw new Error(
        'This needs redis-server and postgres: install both, as with apt-get install redis-server postgresql',
      )
    }
    const plausible = await startPlausibleProcess({
      ...{ apiKey: plausibleKey, demoTime: now.getTime() },
      onRestart: () => {
        throw new Error('The stand-in for Plausible has ended: run it again')
      },
    })
    parts.push(() => plausible.close())
    const [organization] = await seedDemo({ sql: postgres.sql, plausible: undefined, apiKeySecret, now })
    if (organization === undefined) throw new Error('The demo has no organizations')
    await postgres.sql.query('vacuum analyze')
    const { bundle, compatibilityDate } = await bundleWorker({
      directory: join(directory, 'bundle'),
      main: 'src/index.ts',
    })
    const worker = await startWorkerd({
      directory: join(directory, 'worker'),
      bundle,
      compatibilityDate,
      bindings: {
        ...redis.bindings,
        ...postgres.bindings,
        PLAUSIBLE_URL: plausible.url,
        PLAUSIBLE_API_KEY: plausibleKey,
        API_KEY_SECRET: apiKeySecret,
        ANALYTICS_APPLY_EVENT: APPLY_EVENT,
        ANALYTICS_QUERIES_PER_HOUR: '0',
        // More than a run sends within the window; a full window is measured by a key of its own.
        RATE_LIMIT_REQUESTS: '1000000',
      },
    })
    parts.push(() => worker.stop())
    const countQueries = async () => {
      const response = await fetch(`${plausible.url}/local/queries`)
      const { count } = (await response.json()) as { count: number }
      return count
    }
    return { redis, postgres, analytics: { countQueries }, worker, organization, close }
  } catch (error) {
    await close()
    throw error
  }
}

function secret(): string {
  return randomBytes(32).toString('base64url')
}

/** A kind of request. `share` is its part of the traffic that the simulation assumes. */
export interface RequestKind {
  name: string
  share: number
  next(): { path: string; headers: Record<string, string>; status: number }
}

/** The kinds, with the traffic of dashboards that poll the same figures all day. */
export function requestKinds({ organization }: ScaleRig): RequestKind[] {
  const { apiKey, jobs } = organization
  const ids = (count: number) =>
    jobs
      .slice(0, count)
      .map(({ id }) => id)
      .join(',')
  const headers = { 'x-api-key': apiKey }
  const forged = { 'x-api-key': `${apiKey.slice(0, -1)}${apiKey.endsWith('A') ? 'B' : 'A'}` }
  let asked = 0
  const dayBefore = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)
  // Other days each time, so that no figure is cached. At most 5 years may lie between them.
  const days = () => {
    asked += 1
    return `from=${dayBefore(400 + asked)}&to=${dayBefore(2)}`
  }
  const always = (path: string, status = 200, own = headers) => ({
    next: () => ({ path, headers: own, status }),
  })
  const fresh = (path: string) => ({ next: () => ({ path: `${path}&${days()}`, headers, status: 200 }) })
  return [
    { name: '100 jobs, cached', share: 0.5, ...always(`/analytics/jobs?jobIds=${ids(100)}`) },
    { name: '1 job, cached', share: 0.2, ...always(`/analytics/jobs?jobIds=${ids(1)}`) },
    { name: 'list of 100 jobs', share: 0.1, ...always('/jobs?per_page=100') },
    {
      name: 'list of 100 jobs with visitors, cached',
      share: 0.05,
      ...always('/jobs?per_page=100&include=visitors'),
    },
    { name: 'site by source, cached', share: 0.1, ...always('/analytics/site?group_by=source') },
    { name: '100 jobs, not cached', share: 0.01, ...fresh(`/analytics/jobs?jobIds=${ids(100)}`) },
    { name: 'site by source, not cached', share: 0.01, ...fresh('/analytics/site?group_by=source') },
    { name: 'forged key', share: 0.03, ...always('/jobs', 401, forged) },
  ]
}
