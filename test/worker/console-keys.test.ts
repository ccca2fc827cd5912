// API keys managed by people: who may, what changes, and what of another organization stays out of reach.

import { neon } from '@neondatabase/serverless'
import { beforeAll, describe, expect, it } from 'vitest'
import { hashApiKey } from '../../src/keys/api-key.ts'
import { type ApiResponse, bindings, createFaultyStore, withKey } from '../support/api.ts'
import { claimsOf, createConsoleApi, signIn, tokenOf } from '../support/console.ts'
import { asOwner, createOrganization, issueKey } from '../support/database.ts'

type Headers = Record<string, string>
interface Key {
  id: string
  key: string
  state: string
}

const api = createConsoleApi({ RATE_LIMIT_REQUESTS: '10000', CONCURRENCY_LIMIT: '100' })

function send(method: string, path: string, headers: Headers, body?: object): Promise<ApiResponse> {
  return api.call(path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
}

async function createKey(headers: Headers, body: object = { name: 'Backend' }): Promise<Key> {
  const response = await send('POST', '/keys', headers, body)
  if (response.status !== 201) throw new Error(response.text)
  return (response.json as { data: Key }).data
}

async function newAdmin(): Promise<{ id: string; headers: Headers }> {
  const { id } = await createOrganization(1)
  return { id, headers: await signIn(api, id) }
}

async function keysOf(headers: Headers): Promise<Key[]> {
  return ((await send('GET', '/keys', headers)).json as { data: Key[] }).data
}

async function bearer(organizationId: string, changes: Record<string, unknown> = {}): Promise<Headers> {
  return { authorization: `Bearer ${await tokenOf(claimsOf(organizationId, changes))}` }
}

function codeOf({ status, json }: ApiResponse): unknown {
  return [status, (json as { error?: { code?: unknown } } | undefined)?.error?.code]
}

const works = async (key: string) => (await api.call('/jobs', withKey(key))).status

describe('keys: an admin', () => {
  it('creates a key that works, is shown once, and is listed without itself', async () => {
    const { headers } = await newAdmin()
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
    const response = await send('POST', '/keys', headers, { name: '  Backend ', expires_at: expiresAt })
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.json).toEqual({
      data: {
        id: expect.any(String),
        name: 'Backend',
        hint: expect.stringMatching(/^jak_.{4}$/),
        state: 'active',
        created_at: expect.any(String),
        created_by: 'Ada',
        ...{ last_used_at: null, revoked_at: null },
        expires_at: `${expiresAt.slice(0, 19)}Z`,
        key: expect.stringMatching(/^jak_[0-9A-Za-z]{42}$/),
      },
    })
    const { key, ...listed } = (response.json as { data: Key }).data
    expect((await send('GET', '/keys', headers)).json).toEqual({
      data: [listed],
      meta: { active: 1, active_limit: 20 },
    })
    expect(await works(key)).toBe(200)
    expect(JSON.stringify(response.log)).not.toContain(key)
  })

  it('rotates a key: both work, then only the new one', async () => {
    const { headers } = await newAdmin()
    const old = await createKey(headers)
    const response = await send('POST', `/keys/${old.id}/rotate`, headers, { overlap_seconds: 3_600 })
    expect(response.json).toMatchObject({
      data: { name: 'Backend', state: 'active' },
      meta: { replaced: old.id, old_key_expires_at: expect.any(String) },
    })
    const successor = (response.json as { data: Key }).data
    expect([await works(old.key), await works(successor.key)]).toEqual([200, 200])
    expect((await keysOf(headers)).map(({ state }) => state).toSorted()).toEqual(['active', 'expiring'])
    const atOnce = await send('POST', `/keys/${successor.id}/rotate`, headers, { overlap_seconds: 0 })
    expect([await works(successor.key), await works((atOnce.json as { data: Key }).data.key)]).toEqual([
      401, 200,
    ])
    expect(codeOf(await send('POST', `/keys/${old.id}/rotate`, headers))).toEqual([409, 'key_not_active'])
  })

  it('revokes a key at once, and may repeat that', async () => {
    const { headers } = await newAdmin()
    const { id, key } = await createKey(headers)
    const response = await send('DELETE', `/keys/${id}`, headers)
    expect([response.status, response.text]).toEqual([204, ''])
    expect(await works(key)).toBe(401)
    expect((await send('DELETE', `/keys/${id}`, headers)).status).toBe(204)
    expect(await keysOf(headers)).toMatchObject([{ id, state: 'revoked' }])
  })

  it('leaves a trace: who, what, which key, the newest first', async () => {
    const { headers } = await newAdmin()
    const { id } = await createKey(headers)
    const rotated = await send('POST', `/keys/${id}/rotate`, headers)
    const successor = (rotated.json as { data: Key }).data
    await send('DELETE', `/keys/${successor.id}`, headers)
    await send('DELETE', `/keys/${successor.id}`, headers)
    const { json } = await send('GET', '/keys/audit', headers)
    const person = { id: 'person-1', name: 'Ada' }
    expect(json).toMatchObject({
      data: [
        { action: 'revoke', person, key: { id: successor.id } },
        { action: 'rotate', person, key: { id } },
        { action: 'create', person, key: { id, name: 'Backend' } },
      ],
    })
    expect((await send('GET', '/keys/audit?limit=1', headers)).json).toMatchObject({
      data: [{ action: 'revoke' }],
    })
  })

  it('has at most 20 active keys, also when many are created at once', async () => {
    const { headers } = await newAdmin()
    const responses = await Promise.all(
      Array.from({ length: 24 }, () => send('POST', '/keys', headers, { name: 'x' })),
    )
    expect(responses.filter(({ status }) => status === 201)).toHaveLength(20)
    const refused = responses.filter(({ status }) => status !== 201)
    for (const response of refused) expect(codeOf(response)).toEqual([409, 'too_many_keys'])
    expect((await send('GET', '/keys', headers)).json).toMatchObject({ meta: { active: 20 } })
    // Rotation replaces an active key by another.
    const [first] = await keysOf(headers)
    expect((await send('POST', `/keys/${first?.id}/rotate`, headers)).status).toBe(201)
    await send(
      'DELETE',
      `/keys/${(await keysOf(headers)).find(({ state }) => state === 'active')?.id}`,
      headers,
    )
    expect((await send('POST', '/keys', headers, { name: 'x' })).status).toBe(201)
  })

  it.each<[string, object]>([
    ['name', {}],
    ['name', { name: '' }],
    ['name', { name: '   ' }],
    ['name', { name: 'x'.repeat(101) }],
    ['name', { name: 'a\nb' }],
    ['name', { name: 1 }],
    ['expires_at', { name: 'x', expires_at: '2020-01-01T00:00:00Z' }],
    ['expires_at', { name: 'x', expires_at: 'tomorrow' }],
    ['expires_at', { name: 'x', expires_at: '2030-13-45T00:00:00Z' }],
    ['expires', { name: 'x', expires: null }],
  ])('learns which field is wrong: %s in %j', async (parameter, body) => {
    const { headers } = await newAdmin()
    const response = await send('POST', '/keys', headers, body)
    expect(codeOf(response)).toEqual([400, 'invalid_request'])
    expect(response.json).toMatchObject({ error: { details: [{ parameter }] } })
    expect(await keysOf(headers)).toEqual([])
  })

  it('learns that a body is no JSON object, an overlap too long, an ID no ID', async () => {
    const { headers } = await newAdmin()
    const { id } = await createKey(headers)
    for (const body of ['[]', '{', '"x"', `{"name":"${'x'.repeat(10_000)}"}`]) {
      expect(codeOf(await api.call('/keys', { method: 'POST', headers, body }))).toEqual([
        400,
        'invalid_request',
      ])
    }
    for (const overlap_seconds of [-1, 2_592_001, 1.5, '60', null]) {
      const response = await send('POST', `/keys/${id}/rotate`, headers, { overlap_seconds })
      expect(codeOf(response)).toEqual([400, 'invalid_request'])
    }
    expect(codeOf(await send('DELETE', '/keys/x', headers))).toEqual([400, 'invalid_request'])
  })
})

describe('keys: refused', () => {
  let admin: { id: string; headers: Headers }
  let key: Key
  beforeAll(async () => {
    admin = await newAdmin()
    key = await createKey(admin.headers)
  })

  const writes = (id: string): [method: string, path: string, body?: object][] => [
    ['POST', '/keys', { name: 'x' }],
    ['POST', `/keys/${id}/rotate`, {}],
    ['DELETE', `/keys/${id}`],
  ]
  const reads: [string, string][] = [
    ['GET', '/keys'],
    ['GET', '/keys/audit'],
  ]

  async function expectRefused(
    headers: Headers,
    code: [number, string],
    isReadRefused = false,
  ): Promise<void> {
    for (const [method, path, body] of [...writes(key.id), ...(isReadRefused ? reads : [])]) {
      const response = await send(method, path, headers, body)
      expect([method, path, codeOf(response)]).toEqual([method, path, code])
    }
    expect(await works(key.key)).toBe(200)
    expect(await keysOf(admin.headers)).toHaveLength(1)
  }

  it('every change without an Origin, or with a foreign one', async () => {
    const { cookie = '' } = admin.headers
    for (const origin of [
      'https://evil.example',
      'null',
      'https://api.test.evil.example',
      'http://api.test',
    ]) {
      await expectRefused({ cookie, origin }, [403, 'origin_not_allowed'])
    }
    await expectRefused({ cookie }, [403, 'origin_not_allowed'])
  })

  it('every change by a viewer, with a session or a token; both may read', async () => {
    await expectRefused(await signIn(api, admin.id, { role: 'viewer' }), [403, 'role_required'])
    for (const [method, path, body] of writes(key.id)) {
      const response = await send(method, path, await bearer(admin.id, { role: 'viewer' }), body)
      expect(codeOf(response)).toEqual([403, 'role_required'])
    }
    for (const [method, path] of reads) {
      expect((await send(method, path, await bearer(admin.id, { role: 'viewer' }))).status).toBe(200)
    }
  })

  it('API keys, also beside a session', async () => {
    await expectRefused({ 'x-api-key': key.key }, [403, 'key_not_allowed'], true)
    await expectRefused({ ...admin.headers, 'x-api-key': key.key }, [403, 'key_not_allowed'], true)
  })

  it('nobody', async () => {
    await expectRefused({}, [401, 'invalid_session'], true)
    await expectRefused({ authorization: 'Bearer x' }, [401, 'invalid_token'], true)
    await expectRefused({ cookie: '__Host-console=x' }, [401, 'invalid_session'], true)
  })

  it('another organization’s key ID, exactly like an unknown one', async () => {
    const other = await newAdmin()
    for (const headers of [other.headers, await bearer(other.id), await bearer(other.id)]) {
      for (const id of [key.id, crypto.randomUUID()]) {
        const given = 'authorization' in headers ? await bearer(other.id) : headers
        expect(codeOf(await send('DELETE', `/keys/${id}`, given))).toEqual([404, 'key_not_found'])
        const again = 'authorization' in headers ? await bearer(other.id) : headers
        expect(codeOf(await send('POST', `/keys/${id}/rotate`, again))).toEqual([404, 'key_not_found'])
      }
    }
    expect(await works(key.key)).toBe(200)
    expect(await keysOf(other.headers)).toEqual([])
    expect((await send('GET', '/keys/audit', other.headers)).json).toEqual({ data: [] })
  })

  it('methods that do not exist, with those that do', async () => {
    const response = await send('PUT', '/keys', admin.headers)
    expect([codeOf(response), response.headers.get('allow')]).toEqual([
      [405, 'method_not_allowed'],
      'GET, HEAD, POST, OPTIONS',
    ])
    const one = await send('OPTIONS', `/keys/${key.id}`, {})
    expect([one.status, one.headers.get('allow')]).toEqual([204, 'DELETE, OPTIONS'])
  })
})

describe('keys: a platform with a token', () => {
  it('manages keys without a session and without an Origin, each token once', async () => {
    const { id } = await createOrganization(1)
    const headers = await bearer(id)
    const created = await createKey(headers)
    expect(codeOf(await send('POST', '/keys', headers, { name: 'x' }))).toEqual([401, 'invalid_token'])
    expect(await keysOf(await bearer(id))).toMatchObject([{ id: created.id }])
    expect((await send('DELETE', `/keys/${created.id}`, await bearer(id))).status).toBe(204)
  })

  it('cannot use one token as a link and for a request', async () => {
    const { id } = await createOrganization(1)
    const token = await tokenOf(claimsOf(id))
    expect((await api.call(`/console/sign-in?token=${token}`)).status).toBe(303)
    expect(codeOf(await send('GET', '/keys', { authorization: `Bearer ${token}` }))).toEqual([
      401,
      'invalid_token',
    ])
  })

  it('is refused while Redis cannot say whether a token was used; a session goes on', async () => {
    const { id, headers } = await newAdmin()
    const redis = createFaultyStore('redis')
    await redis.set({ mode: 'status_500' })
    const faulty = createConsoleApi(redis.vars)
    expect(codeOf(await faulty.call('/keys', { headers: await bearer(id) }))).toEqual([
      503,
      'service_unavailable',
    ])
    expect((await faulty.call('/keys', { headers })).status).toBe(200)
  })

  it('has no access to figures', async () => {
    const { id } = await createOrganization(1)
    expect(codeOf(await api.call('/jobs', { headers: await bearer(id) }))).toEqual([401, 'missing_api_key'])
  })
})

describe('keys: hops', () => {
  it('reading is one hop, changing two, and nothing is changed for a person who is over the limit', async () => {
    const { id } = await createOrganization(1)
    const [redis, postgres] = [createFaultyStore('redis'), createFaultyStore('postgres')]
    const counted = createConsoleApi({ ...redis.vars, ...postgres.vars, RATE_LIMIT_REQUESTS: '2' })
    const headers = await signIn(api, id)
    const made = async () => [(await redis.report()).requests, (await postgres.report()).requests]
    await counted.call('/keys', { headers })
    // One of the two to Redis releases the slot, after the response.
    expect(await made()).toEqual([2, 1])
    const write = () => counted.call('/keys', { method: 'POST', headers, body: '{"name":"x"}' })
    expect((await write()).status).toBe(201)
    expect(await made()).toEqual([4, 3])
    expect((await write()).status).toBe(429)
    expect(await keysOf(headers)).toHaveLength(1)
  })
})

describe('keys: the database’s roles', () => {
  const runAs = (binding: 'DATABASE_URL' | 'CONSOLE_DATABASE_URL', text: string) =>
    neon(bindings[binding] ?? '').query(text)
  const functions = [
    'console_organization(1)',
    'console_list_keys(1)',
    "console_create_key(1, 'x', '\\x00', 'jak_xxxx', null, 20, 'p', null)",
    "console_rotate_key(1, gen_random_uuid(), '\\x00', 'jak_xxxx', 0, 20, 'p', null)",
    "console_revoke_key(1, gen_random_uuid(), 'p', null)",
    'console_list_audit(1, 1)',
  ]

  it.each(functions)('the Worker’s may not execute %s', async (call) => {
    await expect(runAs('DATABASE_URL', `select ${call}`)).rejects.toThrow(/permission denied for function/)
  })

  it.each([
    'select name from organizations',
    'select hash from api_keys',
    'select created_by from api_keys',
    'update api_keys set revoked_at = now()',
    'insert into audit_log (organization_id) values (1)',
    'select * from audit_log',
    'select id from jobs',
    "select console_record('p', null, 'create', null)",
    'select console_lock(1)',
  ])('the console’s may not: %s', async (text) => {
    await expect(runAs('CONSOLE_DATABASE_URL', text)).rejects.toThrow(/permission denied/)
  })

  it('the Worker’s may not read who made a key or what people did', async () => {
    for (const text of ['select created_by from api_keys', 'select * from audit_log']) {
      await expect(runAs('DATABASE_URL', text)).rejects.toThrow(/permission denied/)
    }
  })

  it('hold the hash of a key that the console made, and not the key', async () => {
    const { headers } = await newAdmin()
    const { id, key } = await createKey(headers)
    const rows = await asOwner(
      "select encode(hash, 'hex') as hash, k::text as row from api_keys k where id = $1",
      [id],
    )
    expect(rows).toMatchObject([{ hash: await hashApiKey(key) }])
    expect(JSON.stringify(rows)).not.toContain(key)
  })
})

describe('keys: of the operator', () => {
  it('are listed without a maker, and people may revoke them', async () => {
    const { id, headers } = await newAdmin()
    const key = await issueKey(id)
    const [listed] = await keysOf(headers)
    expect(listed).toMatchObject({ created_by: null, state: 'active' })
    expect((await send('DELETE', `/keys/${listed?.id}`, headers)).status).toBe(204)
    expect(await works(key)).toBe(401)
  })
})
