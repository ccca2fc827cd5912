// Random sets of bindings with the verdict they deserve, for the Worker's parser and for `doctor` alike.

/** One set of bindings; `wrong` holds the names that must be reported, in no order. */
export interface BindingSet {
  bindings: Record<string, string>
  wrong: string[]
}

const SECRET = 'a-secret-of-at-least-32-characters'

/** For each binding values that are right, and values that are wrong wherever they stand. */
const VALUES: Record<string, { right: string[]; wrong: string[]; isRequired: boolean }> = {
  DATABASE_URL: {
    right: [
      'postgres://worker:password@127.0.0.1:1/jobs',
      'postgresql://w:p%40ss@db.example/jobs?sslmode=require',
    ],
    wrong: [
      'mysql://worker:password@db.example/jobs',
      'postgres://worker:password@db.example',
      'postgres://worker:password@db.example/',
      'postgres://db.example/jobs',
      'postgres://worker:pass word@db.example/jobs',
      'postgres://worker:100%@db.example/jobs',
      'db.example',
    ],
    isRequired: true,
  },
  NEON_ENDPOINT: {
    right: ['http://127.0.0.1:1/sql', 'http://localhost:1/sql', 'http://[::1]:1/sql'],
    wrong: ['https://neon.example/sql', 'http://127.0.0.1:1', 'ftp://127.0.0.1/sql', '127.0.0.1:1/sql'],
    isRequired: false,
  },
  UPSTASH_REDIS_REST_URL: {
    right: ['http://127.0.0.1:1', 'https://redis.example', 'https://redis.example/proxy/'],
    wrong: [
      'http://redis.example',
      'rediss://redis.example:6379',
      'https://user:pw@redis.example',
      'redis.example',
    ],
    isRequired: true,
  },
  UPSTASH_REDIS_REST_TOKEN: {
    right: ['token=='],
    wrong: ['two words', 'two\nlines', 'tökén'],
    isRequired: true,
  },
  PLAUSIBLE_URL: {
    right: ['https://plausible.example', 'https://plausible.example/', 'http://localhost:1/plausible'],
    wrong: [
      'http://plausible.example',
      'https://me:pw@plausible.example',
      'https://plausible.example//',
      'https://plausible.example/api/v2/query',
      'https://plausible.example/api',
      'https://plausible.example/?site_id=x',
      'https:///plausible.example',
      'https://plausible\n.example',
    ],
    isRequired: true,
  },
  PLAUSIBLE_API_KEY: { right: ['key'], wrong: ['a key'], isRequired: true },
  API_KEY_SECRET: { right: [SECRET, `${SECRET} with blanks`], wrong: ['x'.repeat(31)], isRequired: true },
  API_KEY_SECRET_PREVIOUS: { right: [`previous-${SECRET}`], wrong: ['x'.repeat(31)], isRequired: false },
  PUBLIC_URL: {
    right: ['https://api.example', 'https://api.example/', 'http://127.0.0.1:8787'],
    wrong: ['http://api.example', 'https://api.example/v1', 'api.example'],
    isRequired: false,
  },
  ANALYTICS_API: { right: ['v2', 'v1'], wrong: ['v3', 'V2', '1'], isRequired: false },
  ANALYTICS_JOB_DIMENSION: {
    right: ['event:page', 'event:props:job_id'],
    wrong: ['visit:source', 'event:props:', 'event:props:a b'],
    isRequired: false,
  },
  ANALYTICS_APPLY_EVENT: {
    right: ['Apply', 'x'.repeat(120)],
    wrong: ['x'.repeat(121), 'a\tb'],
    isRequired: false,
  },
  ANALYTICS_QUERIES_PER_HOUR: { right: ['0', '600'], wrong: ['-1', '1.5', '1e3', 'many'], isRequired: false },
  RATE_LIMIT_REQUESTS: { right: ['1', '100'], wrong: ['0', 'ten', '0x10'], isRequired: false },
  CONCURRENCY_LIMIT: { right: ['10'], wrong: ['0', '2 3'], isRequired: false },
  CACHE_KEEP_SECONDS: { right: ['0', '86400'], wrong: ['-1', '1d', '9999999999'], isRequired: false },
  CORS_ORIGINS: {
    right: ['https://a.example', 'https://a.example, http://localhost:3000', ','],
    wrong: ['https://a.example/', 'a.example', '*', 'https://a.example https://b.example'],
    isRequired: false,
  },
}

const AROUND = ['', '', '\n', '\r\n', ' ', '\t', '  \n']
const BLANK = ['', ' ', '\n', ' \r\n\t']

/** Returns `count` sets, the same ones for the same seed. About half of them are right. */
export function randomBindings(count: number, seed: number): BindingSet[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => randomSet(random, random() < 0.5 ? 0 : 0.15))
}

function randomSet(random: () => number, faults: number): BindingSet {
  const bindings: Record<string, string> = {}
  const wrong: string[] = []
  for (const [name, values] of Object.entries(VALUES)) {
    const isWrong = random() < faults
    const isUnset = isWrong ? values.isRequired && random() < 0.5 : !values.isRequired && random() < 0.5
    if (isWrong) wrong.push(name)
    // A binding that is not set is missing, or blank.
    if (isUnset && random() < 0.5) continue
    const value = isUnset ? pick(BLANK, random) : pick(isWrong ? values.wrong : values.right, random)
    bindings[name] = isUnset ? value : pick(AROUND, random) + value + pick(AROUND, random)
  }
  return { bindings, wrong }
}

function pick(values: readonly string[], random: () => number): string {
  return values[Math.floor(random() * values.length)] ?? ''
}

/** The generator mulberry32: small, seeded and good enough to choose cases. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
