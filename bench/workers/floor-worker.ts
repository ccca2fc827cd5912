// The floor: the least a Worker can do and still make this API's requests to its stores. No key is proved, no parameter
// checked, no deadline kept: what our Worker spends above this is the price of what it does.

interface FloorEnv {
  DATABASE_URL: string
  NEON_ENDPOINT: string
  UPSTASH_REDIS_REST_URL: string
  UPSTASH_REDIS_REST_TOKEN: string
  PLAUSIBLE_URL: string
  PLAUSIBLE_API_KEY: string
  /** The texts our Worker sends, so that both send as much: recorded from it when the benchmark starts. */
  ADMISSION_SCRIPT: string
  WRITE_SCRIPT: string
  STATEMENT: string
}

/** What Upstash answers: admission's numbers, then the breaker's two values and one cached entry or null a job. */
type FirstRedisAnswer = [{ result: number[] }, { result: (string | null)[] }]
/** What Neon answers: key, organization, domain and the jobs' paths as JSON. */
type NeonAnswer = { rows: [[string, string, string, string]] }
type PlausibleAnswer = { results: { metrics: [number]; dimensions: [string] }[] }

const BREAKER_KEYS = ['stats-1a2b3c4:pause', 'stats-1a2b3c4:failures']
const NOTHING = '[{"totals":[0]}]'
const LEASE_MS = 15_000
const KEPT_SECONDS = 86_400
const KEY_HASH = '0123456789abcdef'.repeat(4)
const REQUEST_ID = '0123456789ABCDEF'

export default {
  async fetch(request, env, ctx): Promise<Response> {
    const { searchParams } = new URL(request.url)
    const jobIds = searchParams.get('jobIds')?.split(',') ?? []
    const period = searchParams.get('period') ?? '30d'
    const cacheKeys = jobIds.map((id) => `stats-1a2b3c4:jobs:visitors:${period}:${id}`)

    const [[, { result }], { rows }] = await Promise.all([
      askRedis<FirstRedisAnswer>(env, [admission(env), ['mget', ...BREAKER_KEYS, ...cacheKeys]]),
      askPostgres(env, jobIds),
    ])
    const [[, , site, pathsText]] = rows
    const paths: string[] = JSON.parse(pathsText)
    const cached = result.slice(BREAKER_KEYS.length)

    const after: unknown[][] = [['zrem', `admission:{${KEY_HASH}}:slots`, REQUEST_ID]]
    let counts: number[]
    if (cached[0] === null) {
      counts = await countsFromStore(env, site, paths, period)
      const entries = counts.map((count) => JSON.stringify([{ totals: [count] }, Date.now(), site]))
      after.push(['eval', env.WRITE_SCRIPT, cacheKeys.length, ...cacheKeys, KEPT_SECONDS, ...entries])
    } else {
      counts = cached.map((entry) => JSON.parse(entry ?? NOTHING)[0].totals[0])
    }
    ctx.waitUntil(askRedis(env, after))
    const visitors = Object.fromEntries(jobIds.map((id, index) => [id, counts[index] ?? 0]))
    return Response.json({ data: { visitors }, meta: { period, total_jobs: jobIds.length } })
  },
} satisfies ExportedHandler<FloorEnv>

function admission(env: FloorEnv): unknown[] {
  const keys = [`admission:{${KEY_HASH}}:log`, `admission:{${KEY_HASH}}:slots`]
  return ['eval', env.ADMISSION_SCRIPT, 2, ...keys, Date.now(), 100, 60_000, 10, LEASE_MS, REQUEST_ID]
}

async function countsFromStore(
  env: FloorEnv,
  site: string,
  paths: string[],
  period: string,
): Promise<number[]> {
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
  const { results }: PlausibleAnswer = await response.json()
  const byPath = new Map(results.map(({ metrics, dimensions }) => [dimensions[0], metrics[0]]))
  return paths.map((path) => byPath.get(path) ?? 0)
}

async function askRedis<Answer>(env: FloorEnv, commands: unknown[][]): Promise<Answer> {
  const response = await fetch(`${env.UPSTASH_REDIS_REST_URL}/pipeline`, {
    method: 'POST',
    headers: { authorization: `Bearer ${env.UPSTASH_REDIS_REST_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(commands),
  })
  return response.json()
}

async function askPostgres(env: FloorEnv, jobIds: string[]): Promise<NeonAnswer> {
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
