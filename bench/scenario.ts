// The subject of every request: one organization, its key and its jobs, for the Worker and the stubs alike.

import { createApiKey, importApiKeySecret } from '../src/keys/api-key.ts'

/** The organization's verified domain. */
export const SITE = 'jobs.acme.example'
/** The organization's ID. */
export const ORGANIZATION_ID = '42'
/** The ID of every key. */
export const KEY_ID = '6f1f7a52-6f0e-4c7e-9d55-2f3a8b1c4d10'
/** How many jobs the organization has. */
export const JOB_COUNT = 100

/** The token of a Redis that exists only during a run. */
export const REDIS_TOKEN = 'bench-redis-token'.padEnd(64, '.')
/** The key of a Plausible that exists only during a run. */
export const PLAUSIBLE_KEY = 'bench-plausible-key'.padEnd(64, '.')
const API_KEY_SECRET = 'bench-api-key-secret-of-32-bytes!'

/** A number of the scenario's jobs as UUIDs, always the same. */
export function jobIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const hex = Math.imul(index + 1, 0x9e3779b1) >>> 0
    const head = hex.toString(16).padStart(8, '0')
    return `${head}-5a1b-4c3d-8e2f-${(index + 1).toString(16).padStart(12, '0')}`
  })
}

/** The path of a job's posting. */
export function pathOf(jobId: string): string {
  return `/jobs/senior-software-engineer-${jobId.slice(0, 8)}`
}

/** A number of keys that the Worker accepts. */
export async function createApiKeys(count: number): Promise<string[]> {
  const secret = await importApiKeySecret(API_KEY_SECRET)
  return Promise.all(Array.from({ length: count }, () => createApiKey(secret)))
}

/** The path and headers of the request for this many jobs. */
export async function requestFor(jobs: number): Promise<{ path: string; headers: Record<string, string> }> {
  const [apiKey = ''] = await createApiKeys(1)
  const path = `/analytics/jobs?jobIds=${jobIds(jobs).join(',')}&period=30d`
  return { path, headers: { 'x-api-key': apiKey } }
}

/** The Worker's bindings for stores at these addresses. */
export function bindingsFor(stores: {
  redis: string
  postgres: string
  plausible: string
}): Record<string, string> {
  return {
    DATABASE_URL: 'postgres://job_analytics_worker:bench-password@127.0.0.1/job_analytics',
    NEON_ENDPOINT: `${stores.postgres}/sql`,
    UPSTASH_REDIS_REST_URL: stores.redis,
    UPSTASH_REDIS_REST_TOKEN: REDIS_TOKEN,
    PLAUSIBLE_URL: stores.plausible,
    PLAUSIBLE_API_KEY: PLAUSIBLE_KEY,
    API_KEY_SECRET,
    ANALYTICS_JOB_DIMENSION: 'event:page',
  }
}
