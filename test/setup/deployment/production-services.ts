// Settings of the shape that production has, over the engines of a local stack: what the Worker is given, and which services it may call.
import type { Stack } from '../../../local/stack.ts'
import type { Service } from './outbound-interceptor.ts'

const REGION = 'us-east-2.aws.neon.tech'
/** The hosts of one Neon database: with and without the connection pooler. */
export const NEON_HOSTS = [`ep-cool-darkness-123456-pooler.${REGION}`, `ep-cool-darkness-123456.${REGION}`]
const UPSTASH_HOST = 'eu1-decent-hawk-12345.upstash.io'
const PLAUSIBLE_HOST = 'plausible.io'

/** The Worker's bindings, the services behind them, and the secrets among the bindings by name. */
export interface Production {
  bindings: Record<string, string>
  services: Service[]
  secrets: Record<string, string>
}

/** Production over this stack, its database at `neonHost`. Throws when the stack is not the embedded one. */
export function productionOver(stack: Stack, neonHost: string): Production {
  const { DATABASE_URL, NEON_ENDPOINT, PLAUSIBLE_URL, PLAUSIBLE_API_KEY, ...others } = stack.bindings
  const { UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN, API_KEY_SECRET } = others
  if (DATABASE_URL === undefined || NEON_ENDPOINT === undefined || UPSTASH_REDIS_REST_URL === undefined) {
    throw new Error('The rehearsal needs the embedded stores')
  }
  const { username, password, pathname } = new URL(DATABASE_URL)
  // As the console of Neon shows it.
  const databaseUrl = `postgresql://${username}:${password}@${neonHost}${pathname}?sslmode=require&channel_binding=require`
  const secrets = {
    DATABASE_URL: databaseUrl,
    'the password of the database': password,
    UPSTASH_REDIS_REST_TOKEN: UPSTASH_REDIS_REST_TOKEN ?? '',
    PLAUSIBLE_API_KEY: PLAUSIBLE_API_KEY ?? '',
    API_KEY_SECRET: API_KEY_SECRET ?? '',
  }
  const bindings = {
    DATABASE_URL: databaseUrl,
    UPSTASH_REDIS_REST_URL: `https://${UPSTASH_HOST}`,
    UPSTASH_REDIS_REST_TOKEN: secrets.UPSTASH_REDIS_REST_TOKEN,
    PLAUSIBLE_URL: `https://${PLAUSIBLE_HOST}`,
    PLAUSIBLE_API_KEY: secrets.PLAUSIBLE_API_KEY,
    API_KEY_SECRET: secrets.API_KEY_SECRET,
  }
  const services: Service[] = [
    {
      name: 'Neon',
      // The driver replaces the first label of the database's host.
      host: `api.${REGION}`,
      engine: new URL(NEON_ENDPOINT).origin,
      secrets: [databaseUrl, password],
      serves: [
        {
          method: 'POST',
          path: '/sql',
          headers: {
            'neon-connection-string': (sent) => isConnectionTo(sent, databaseUrl),
            'neon-raw-text-output': 'true',
            'neon-array-mode': 'true',
          },
        },
      ],
    },
    {
      name: 'Upstash',
      host: UPSTASH_HOST,
      engine: UPSTASH_REDIS_REST_URL,
      secrets: [bindings.UPSTASH_REDIS_REST_TOKEN],
      serves: ['/', '/pipeline', '/multi-exec'].map((path) => ({
        method: 'POST',
        path,
        headers: { authorization: `Bearer ${bindings.UPSTASH_REDIS_REST_TOKEN}`, 'content-type': isJson },
      })),
    },
    {
      name: 'Plausible',
      host: PLAUSIBLE_HOST,
      engine: PLAUSIBLE_URL ?? '',
      secrets: [bindings.PLAUSIBLE_API_KEY],
      serves: [
        {
          method: 'POST',
          path: '/api/v2/query',
          headers: { authorization: `Bearer ${bindings.PLAUSIBLE_API_KEY}`, 'content-type': isJson },
        },
        { method: 'GET', path: '/api/health', headers: {} },
      ],
    },
  ]
  return { bindings, services, secrets }
}

const isJson = (type: string) => /^application\/json\b/.test(type)

/** The driver adds a parameter with its own name and version. */
function isConnectionTo(sent: string, databaseUrl: string): boolean {
  const url = URL.parse(sent)
  url?.searchParams.delete('application_name')
  return url?.href === databaseUrl
}
