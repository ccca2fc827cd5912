// The baseline: the least that a Worker can do and still send this API's requests to its stores. It verifies no key, checks
// no parameter and sets no deadline, so what our Worker uses above it is the price of doing that.

interface BaselineEnv {
  DATABASE_URL: string
  NEON_ENDPOINT: string
  UPSTASH_REDIS_REST_URL: string
  UPSTASH_REDIS_REST_TOKEN: string
  PLAUSIBLE_URL: string
  PLAUSIBLE_API_KEY: string
  /** The texts that our Worker sends, recorded when the benchmark starts, so that both send requests of the same size. */
  ADMISSION_SCRIPT: string
  WRITE_SCRIPT: string
  STATEMENT: string
  NAMESPACE: string
  FROM: string
  TO: string
}

/** Upstash's results: admission, the pause, the paused sites, this hour's queries, then one cached entry or null per job. */
type FirstRedisResponse = { result: (string | null)[] }[]
/** Neon's rows: the organization and the paths of the jobs, both as JSON text. */
type NeonResponse = { rows: [[string, string]] }
type PlausibleResponse = { results: { metrics: [number]; dimensions: [string] }[] }

const NOTHING = '[{"totals":[0]}]'
const HOUR_MS = 3_600_000
const LEASE_MS = 15_000
const DEADLINE_MS = 10_000
const LIFETIME_SECONDS = 172_800
const QUERIES_TTL_SECONDS = 7_200
const USAGE_TTL_SECONDS = 7_776_000
const MAX_BYTES = 20_000_000
const KEY_HASH = '0123456789abcdef'.repeat(4)
const KEY_ID = '5a0d7c1e-94b2-4f36-8e17-2b6f9c3d4a58'
const REQUEST_ID = '0123456789ABCDEF'

export default {
  async fetch(request, env, ctx): Promise<Response> {
    const { searchParams } = new URL(request.url)
    const jobIds = searchParams.get('jobIds')?.split(',') ?? []
    const period = searchParams.get('period') ?? '30d'
    const cacheKeys = jobIds.map((id) => `${env.NAMESPACE}:jobs:visitors:${period}:${id}`)
    const queriesKey = `${env.NAMESPACE}:queries:${Math.floor(Date.now() / HOUR_MS)}`

    const [redisResults, { rows }] = await Promise.all([
      sendToRedis<FirstRedisResponse>(env, [
        admission(env),
        ['get', `${env.NAMESPACE}:pause`],
        ['zrange', `${env.NAMESPACE}:paused-sites`, 0, 19, 'rev', 'withscores'],
        ['zrange', queriesKey, 0, 50, 'rev', 'withscores'],
        ['mget', ...cacheKeys],
      ]),
      sendToPostgres(env, jobIds),
    ])
    const [[organizationText, pathsText]] = rows
    const { id: organizationId, domain: site }: { id: string; domain: string } = JSON.parse(organizationText)
    const paths: [string][] = JSON.parse(pathsText)
    const cached = redisResults[4]?.result ?? []

    const usageKey = `usage:${organizationId}:${new Date().toISOString().slice(0, 10)}`
    const outcome = cached[0] === null ? 'served' : 'cached'
    const after: unknown[][] = [
      ['zrem', `admission:{${KEY_HASH}}:slots`, REQUEST_ID],
      ['hincrby', usageKey, `${KEY_ID} ${outcome}`, 1],
      ['expire', usageKey, USAGE_TTL_SECONDS],
    ]
    let counts: number[]
    if (cached[0] === null) {
      counts = await countsFromStore(env, site, paths.flat())
      const entries = counts.map((count) =>
        JSON.stringify([{ totals: [count] }, Date.now(), site, env.FROM, env.TO]),
      )
      const keys = [`${env.NAMESPACE}:cache-bytes:${organizationId}`, ...cacheKeys]
      after.push(
        ['zincrby', queriesKey, 1, organizationId],
        ['zincrby', queriesKey, 1, '*'],
        ['expire', queriesKey, QUERIES_TTL_SECONDS],
        ['del', `${env.NAMESPACE}:failures:${site}`],
        ['eval', env.WRITE_SCRIPT, keys.length, ...keys, LIFETIME_SECONDS, MAX_BYTES, ...entries],
      )
    } else {
      counts = cached.map((entry) => JSON.parse(entry ?? NOTHING)[0].totals[0])
    }
    ctx.waitUntil(sendToRedis(env, after))
    const visitors = Object.fromEntries(jobIds.map((id, index) => [id, counts[index] ?? 0]))
    return Response.json({ data: { visitors }, meta: { period, total_jobs: jobIds.length } })
  },
} satisfies ExportedHandler<BaselineEnv>

function admission(env: BaselineEnv): unknown[] {
  const keys = [`admission:{${KEY_HASH}}:log`, `admission:{${KEY_HASH}}:slots`]
  const limits = [100, 60_000, 10, LEASE_MS]
  return ['eval', env.ADMISSION_SCRIPT, 2, ...keys, Date.now(), ...limits, REQUEST_ID, 'redis', DEADLINE_MS]
}

async function countsFromStore(env: BaselineEnv, site: string, paths: string[]): Promise<number[]> {
  const response = await fetch(`${env.PLAUSIBLE_URL}/api/v2/query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${env.PLAUSIBLE_API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      site_id: site,
      metrics: ['visitors'],
      date_range: [env.FROM, env.TO],
      dimensions: ['event:page'],
      filters: [['is', 'event:page', paths]],
    }),
  })
  const { results }: PlausibleResponse = await response.json()
  const byPath = new Map(results.map(({ metrics, dimensions }) => [dimensions[0], metrics[0]]))
  return paths.map((path) => byPath.get(path) ?? 0)
}

async function sendToRedis<Results>(env: BaselineEnv, commands: unknown[][]): Promise<Results> {
  const response = await fetch(`${env.UPSTASH_REDIS_REST_URL}/pipeline`, {
    method: 'POST',
    headers: { authorization: `Bearer ${env.UPSTASH_REDIS_REST_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(commands),
  })
  return response.json()
}

async function sendToPostgres(env: BaselineEnv, jobIds: string[]): Promise<NeonResponse> {
  const response = await fetch(env.NEON_ENDPOINT, {
    method: 'POST',
    headers: {
      'Neon-Connection-String': env.DATABASE_URL,
      'Neon-Raw-Text-Output': 'true',
      'Neon-Array-Mode': 'true',
    },
    body: JSON.stringify({
      query: env.STATEMENT,
      params: [KEY_HASH, `{${jobIds.map((id) => `"${id}"`).join()}}`],
    }),
  })
  return response.json()
}
