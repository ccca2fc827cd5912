// The plain chain: the same response the way the libraries' quickstarts do it, one call after the other. For comparison.

import { neon, neonConfig } from '@neondatabase/serverless'
import { Ratelimit } from '@upstash/ratelimit'
import { Redis } from '@upstash/redis/cloudflare'
import { Hono } from 'hono'
import { z } from 'zod'

interface ChainEnv {
  DATABASE_URL: string
  NEON_ENDPOINT: string
  UPSTASH_REDIS_REST_URL: string
  UPSTASH_REDIS_REST_TOKEN: string
  PLAUSIBLE_URL: string
  PLAUSIBLE_API_KEY: string
}

const MAX_CONCURRENT = 1_000

const queryParameters = z.object({
  jobIds: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.uuid()).min(1).max(100)),
  period: z.enum(['7d', '30d', '6mo', '12mo']).default('30d'),
})

const statsResponse = z.object({
  results: z.array(z.object({ metrics: z.array(z.number()), dimensions: z.array(z.string()) })),
})

const app = new Hono<{ Bindings: ChainEnv }>()

app.get('/analytics/jobs', async (c) => {
  const parsed = queryParameters.safeParse(c.req.query())
  if (!parsed.success) return c.json({ error: z.treeifyError(parsed.error) }, 400)
  const { jobIds, period } = parsed.data

  const key = c.req.header('x-api-key')
  if (key === undefined) return c.json({ error: 'missing key' }, 401)
  neonConfig.fetchEndpoint = c.env.NEON_ENDPOINT
  const sql = neon(c.env.DATABASE_URL)
  const hash = await sha256(key)
  const [organization] = await sql`
    select o.id, o.domain from api_keys k join organizations o on o.id = k.organization_id
    where k.hash = decode(${hash}, 'hex') and k.revoked_at is null`
  if (organization === undefined) return c.json({ error: 'invalid key' }, 401)

  const redis = Redis.fromEnv(c.env)
  const ratelimit = new Ratelimit({ redis, limiter: Ratelimit.slidingWindow(100, '60 s') })
  const { success, pending } = await ratelimit.limit(hash)
  c.executionCtx.waitUntil(pending)
  if (!success) return c.json({ error: 'too many requests' }, 429)

  const slots = `concurrency:${hash}`
  try {
    if ((await redis.incr(slots)) > MAX_CONCURRENT) return c.json({ error: 'too many at once' }, 429)
    const jobs = await sql`
      select id, path from jobs where organization_id = ${organization['id']} and id = any(${jobIds}::uuid[])`
    if (jobs.length !== jobIds.length) return c.json({ error: 'not your jobs' }, 403)
    const counts = await readCounts(
      c.env,
      organization['domain'],
      jobs.map((job) => job['path']),
      period,
    )
    const visitors = Object.fromEntries(jobs.map((job) => [job['id'], counts.get(job['path']) ?? 0]))
    return c.json({ data: { visitors }, meta: { period, total_jobs: jobIds.length } })
  } finally {
    c.executionCtx.waitUntil(redis.decr(slots))
  }
})

export default app

async function readCounts(
  env: ChainEnv,
  site: string,
  paths: string[],
  period: string,
): Promise<Map<string | undefined, number | undefined>> {
  const response = await fetch(`${env.PLAUSIBLE_URL}/api/v2/query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${env.PLAUSIBLE_API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      site_id: site,
      metrics: ['visitors'],
      date_range: period,
      dimensions: ['event:page'],
      filters: [['is', 'event:page', paths]],
    }),
  })
  const { results } = statsResponse.parse(await response.json())
  return new Map(results.map(({ metrics, dimensions }) => [dimensions[0], metrics[0]]))
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
