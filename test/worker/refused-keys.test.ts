// Keys that are refused, and floods of invalid requests.

import { describe, expect, it } from 'vitest'
import { createApiKey } from '../../src/keys/api-key.ts'
import { type ApiResponse, createApi, jobsPath, organizations, withKey } from '../support/api.ts'
import { createClockedApi, noon } from '../support/clocked-api.ts'
import { apiKeySecret, issueKey } from '../support/database.ts'

const [acme] = organizations
if (!acme) throw new Error('The demo has organizations')
const path = jobsPath([acme.jobs[0]?.id ?? ''])

/** The whole response without its request ID. */
function shapeOf({ status, headers, text }: ApiResponse): string {
  const id = headers.get('x-request-id') ?? 'none'
  return `${status} ${text} ${JSON.stringify([...headers])}`.replaceAll(id, 'ID')
}

describe('a refused key', () => {
  it('revoked, expired, unknown or forged: the same response, also at the 105th try', async () => {
    const api = createApi()
    const key = await issueKey(acme.id)
    const keys = {
      revoked: await issueKey(acme.id, { revokedAt: '2026-01-01T00:00:00Z' }),
      expired: await issueKey(acme.id, { expiresAt: '2026-01-01T00:00:00Z' }),
      unknown: await createApiKey(apiKeySecret),
      forged: `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`,
      malformed: 'jak_',
    }
    const shapes = new Set<string>()
    const refuse = async (refused: string) => {
      // Fewer than the slots of a key at once.
      for (let i = 0; i < 105; i += 5) {
        const tries = Array.from({ length: 5 }, () => api.call(path, withKey(refused)))
        for (const response of await Promise.all(tries)) {
          expect(response.status).toBe(401)
          shapes.add(shapeOf(response))
        }
      }
    }
    for (const refused of Object.values(keys)) await refuse(refused)
    expect(shapes.size).toBe(1)
    expect([...shapes][0]).toContain('invalid_api_key')
  })

  it('more tries at once than a key has slots: the same response too', async () => {
    const api = createApi()
    const revoked = await issueKey(acme.id, { revokedAt: '2026-01-01T00:00:00Z' })
    const responses = await Promise.all(Array.from({ length: 30 }, () => api.call(path, withKey(revoked))))
    expect(new Set(responses.map(shapeOf)).size).toBe(1)
  })
})

describe('an invalid request', () => {
  it.each([
    ['4,000 entries', `jobIds=${Array.from({ length: 4_000 }, (_, i) => `not-a-job-${i}`)}`],
    ['4,000 UUIDs', `jobIds=${Array.from({ length: 4_000 }, () => crypto.randomUUID())}`],
    ['100 long entries', `jobIds=${Array.from({ length: 100 }, (_, i) => `${i}${'x'.repeat(1_000)}`)}`],
    ['4,000 parameters', Array.from({ length: 4_000 }, (_, i) => `unknown${i}=x`).join('&')],
    ['a parameter with a long name', `${'x'.repeat(50_000)}=1`],
  ])('%s: returns 400 with at most 20 problems in at most 10 KB', async (_, search) => {
    const api = createApi()
    const response = await api.call(`/analytics/jobs?${search}`, withKey(await issueKey(acme.id)))
    expect(response.status).toBe(400)
    const { details } = (response.json as { error: { details: unknown[] } }).error
    expect(details.length).toBeGreaterThan(0)
    expect(details.length).toBeLessThanOrEqual(20)
    expect(response.text.length).toBeLessThanOrEqual(10_240)
  })

  it('a flood of them: ends in 429 without a hop, and valid requests of the key go on', async () => {
    const { api, requests } = createClockedApi(noon('UTC'))
    const key = await issueKey(acme.id)
    const responses: ApiResponse[] = []
    for (let i = 0; i < 120; i++) {
      responses.push(await api.call('/analytics/jobs?jobIds=x', withKey(key)))
    }
    const statuses = responses.map(({ status }) => status)
    expect(statuses.slice(0, 90)).toEqual(Array<number>(90).fill(400))
    expect(statuses.at(-1)).toBe(429)
    expect(responses.at(-1)?.json).toMatchObject({ error: { code: 'rate_limited' } })
    expect(Number(responses.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await requests()).toEqual({ redis: 0, postgres: 0, plausible: 0 })
    expect((await api.call(path, withKey(key))).status).toBe(200)
  })
})
