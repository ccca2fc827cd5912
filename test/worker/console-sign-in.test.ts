// Signing in to the console, and every way in which that must fail.

import { describe, expect, it } from 'vitest'
import {
  type ApiResponse,
  createApi,
  createFaultyStore,
  jobsPath,
  organizations,
  withKey,
} from '../support/api.ts'
import {
  claimsOf,
  cookieOf,
  createConsoleApi,
  linkTo,
  PAGE,
  seconds,
  signIn,
  tokenOf,
} from '../support/console.ts'
import { asOwner, createOrganization, issueKey } from '../support/database.ts'

const [acme, other] = organizations
if (!acme || !other) throw new Error('The demo has no organizations')
const api = createConsoleApi()

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** A JWT put together by hand: what no library would sign. */
function unsigned(header: object, claims: object, signature = ''): string {
  const part = (value: object) =>
    btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  return `${part(header)}.${part(claims)}.${signature}`
}

/** Follows a link that must not sign in. */
async function refused(token: string): Promise<ApiResponse> {
  const response = await api.call(linkTo(token))
  expect(response.headers.get('set-cookie')).toBeNull()
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(response.headers.get('content-security-policy')).toBe(POLICY)
  expect(response.headers.get('cache-control')).toBe('no-store')
  return response
}

/** The response of an API to a session. */
async function withSession(cookie: string, path = '/jobs'): Promise<ApiResponse> {
  return await api.call(path, { headers: { cookie } })
}

function codeOf({ json }: ApiResponse): unknown {
  return (json as { error?: { code?: unknown } } | undefined)?.error?.code
}

describe('sign-in: a valid link', () => {
  it('is exchanged for a session cookie and leads to the console', async () => {
    const response = await api.call(linkTo(await tokenOf(claimsOf(acme.id))))
    expect({ status: response.status, to: response.headers.get('location'), body: response.text }).toEqual({
      status: 303,
      to: '/console',
      body: '',
    })
    expect(response.headers.get('set-cookie')).toMatch(
      /^__Host-console=[\w.-]+; Path=\/; Max-Age=28800; HttpOnly; SameSite=Lax; Secure$/,
    )
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    const session = await withSession(cookieOf(response), '/console/session')
    expect(session.json).toEqual({
      data: {
        organization: {
          ...{ id: acme.id, name: acme.name, domain: acme.domain, domain_verified: true },
          time_zone: expect.any(String),
        },
        person: { id: 'person-1', name: 'Ada', role: 'admin' },
        applications: expect.any(Boolean),
        today: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        expires_at: expect.stringMatching(/^\d{4}-.*Z$/),
        limits: { requests: 100, window_seconds: 60, concurrency: 10 },
      },
    })
  })

  it('may come from a clock that is some seconds ahead, and without a name', async () => {
    const iat = seconds() + 30
    const { cookie } = await signIn(api, acme.id, { iat, exp: iat + 300, name: null })
    expect((await withSession(cookie, '/console/session')).json).toMatchObject({
      data: { person: { name: null } },
    })
  })

  it.each([
    ['/console/jobs?status=active', '/console/jobs?status=active'],
    ['/console', '/console'],
    ['https://evil.example/console', '/console'],
    ['//evil.example/console', '/console'],
    ['/\\evil.example', '/console'],
    ['/console/../docs', '/console'],
    ['/console/..//evil.example', '/console'],
    ['/consolex', '/console'],
    ['javascript:alert(1)', '/console'],
  ])('with return=%s leads to %s', async (wanted, location) => {
    const link = linkTo(await tokenOf(claimsOf(acme.id)))
    const response = await api.call(`${link}&return=${encodeURIComponent(wanted)}`)
    expect(response.headers.get('location')).toBe(location)
  })

  it('uses one hop: Redis and Postgres at once, one request to each', async () => {
    const [redis, postgres] = [createFaultyStore('redis'), createFaultyStore('postgres')]
    const counted = createConsoleApi({ ...redis.vars, ...postgres.vars })
    await counted.call(linkTo(await tokenOf(claimsOf(acme.id))))
    expect([(await redis.report()).requests, (await postgres.report()).requests]).toEqual([1, 1])
  })
})

describe('sign-in: a link is refused', () => {
  it('when it has expired', async () => {
    const iat = seconds() - 301
    const response = await refused(await tokenOf(claimsOf(acme.id, { iat, exp: iat + 300 })))
    expect(response.status).toBe(401)
    expect(response.text).toContain('This link has expired')
  })

  it('when it was used before, also by two at once', async () => {
    const token = await tokenOf(claimsOf(acme.id))
    const responses = await Promise.all([1, 2, 3].map(() => api.call(linkTo(token))))
    expect(responses.map(({ status }) => status).toSorted()).toEqual([303, 401, 401])
    expect((await refused(token)).text).toContain('This link was used already')
  })

  it('when another organization used the same jti, it still works once', async () => {
    const jti = crypto.randomUUID()
    await signIn(api, acme.id, { jti })
    await signIn(api, other.id, { jti })
    expect((await refused(await tokenOf(claimsOf(other.id, { jti })))).status).toBe(401)
  })

  it.each<[string, Record<string, unknown>]>([
    ['for another audience', { aud: 'another-service' }],
    ['for several audiences', { aud: ['job-analytics-console', 'job-analytics-console-session'] }],
    ['for the audience of sessions', { aud: 'job-analytics-console-session' }],
    ['without an audience', { aud: undefined }],
    ['valid for longer than 300 s', { exp: seconds() + 400 }],
    ['issued far in the future', { iat: seconds() + 3_600, exp: seconds() + 3_700 }],
    ['not valid yet', { nbf: seconds() + 100 }],
    ['without an end', { exp: undefined }],
    ['without a beginning', { iat: undefined }],
    ['without a jti', { jti: undefined }],
    ['without a person', { sub: undefined }],
    ['without a role', { role: undefined }],
    ['with another role', { role: 'owner' }],
    ['with an organization that is a number', { org: Number(acme.id) }],
    ['with an organization that is no ID', { org: '1 or 1=1' }],
    ['with a name that contains a line break', { name: 'Ada\n' }],
  ])('%s', async (_, changes) => {
    const response = await refused(await tokenOf(claimsOf(acme.id, changes)))
    expect(response.status).toBe(401)
    expect(response.text).toContain('This link is not valid')
  })

  it('that is signed with another secret, with none, or with another algorithm', async () => {
    const claims = claimsOf(acme.id)
    const signed = await tokenOf(claims)
    const [header = '', payload = '', signature = ''] = signed.split('.')
    const tokens = [
      await tokenOf(claims, 'another-secret-of-more-than-32-characters'),
      unsigned({ alg: 'none', typ: 'JWT' }, claims),
      unsigned({ alg: 'none', typ: 'JWT' }, claims, signature),
      unsigned({ alg: 'NONE', typ: 'JWT' }, claims),
      unsigned({ alg: 'HS512', typ: 'JWT' }, claims, signature),
      unsigned({ alg: 'RS256', typ: 'JWT' }, claims, signature),
      unsigned({ alg: 'HS256', typ: 'JWT', crit: ['exp'] }, claims, signature),
      unsigned({ alg: 'HS256', typ: 'JWT' }, { ...claims, org: other.id }, signature),
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${signed}.${signature}`,
      'not a token',
      '',
    ]
    for (const token of tokens) {
      const response = await refused(encodeURIComponent(token))
      expect([token, response.status]).toEqual([token, 401])
    }
    // None of them used the token up.
    expect((await api.call(linkTo(signed))).status).toBe(303)
  })

  it('for an organization that does not exist', async () => {
    const response = await refused(await tokenOf(claimsOf('999999999999')))
    expect(response.status).toBe(401)
    expect(response.text).toContain('We do not know your organization')
  })

  it('without a hop when it is forged', async () => {
    const redis = createFaultyStore('redis')
    const counted = createConsoleApi(redis.vars)
    await counted.call(linkTo(await tokenOf(claimsOf(acme.id), 'another-secret-of-more-than-32-characters')))
    expect((await redis.report()).requests).toBe(0)
  })

  it('when Redis cannot say whether it was used, and works later', async () => {
    const redis = createFaultyStore('redis')
    const faulty = createConsoleApi(redis.vars)
    await redis.set({ mode: 'status_500' })
    const token = await tokenOf(claimsOf(acme.id))
    const response = await faulty.call(linkTo(token))
    expect(response.status).toBe(503)
    expect(response.headers.get('set-cookie')).toBeNull()
    expect((await api.call(linkTo(token))).status).toBe(303)
  })

  it('and the log has neither the token nor the session', async () => {
    const token = await tokenOf(claimsOf(acme.id))
    const responses = [await api.call(linkTo(token)), await api.call(linkTo(token))]
    const log = JSON.stringify(responses.map((response) => response.log))
    expect(log).toContain('/console/sign-in')
    for (const part of [...token.split('.').slice(1), 'Ada', 'person-1']) expect(log).not.toContain(part)
  })
})

describe('session', () => {
  it('is treated like a key of its organization, and never stored in a shared browser cache', async () => {
    const { cookie } = await signIn(api, acme.id)
    const jobs = acme.jobs.slice(0, 2).map(({ id }) => id)
    for (const path of [jobsPath(jobs), '/jobs', '/jobs?sort=-visitors', '/analytics/site?group_by=job']) {
      const asPerson = await withSession(cookie, path)
      expect([path, asPerson.status]).toEqual([path, 200])
      expect(asPerson.json).toEqual((await api.call(path, withKey(acme.apiKey))).json)
      expect(asPerson.headers.get('vary')).toBe('Cookie, x-api-key, Accept')
    }
  })

  it('keeps to its own organization', async () => {
    const { cookie } = await signIn(api, other.id)
    const response = await withSession(cookie, jobsPath([acme.jobs[0]?.id ?? '']))
    expect(codeOf(response)).toBe('job_access_denied')
  })

  it('gives way to a key', async () => {
    const { cookie } = await signIn(api, other.id)
    const path = jobsPath([acme.jobs[0]?.id ?? ''])
    expect((await api.call(path, withKey(acme.apiKey, { cookie }))).status).toBe(200)
    expect(codeOf(await api.call(path, withKey('jak_wrong', { cookie })))).toBe('invalid_api_key')
  })

  it('of another organization is replaced when a person signs in again', async () => {
    const first = await signIn(api, acme.id)
    const response = await api.call(linkTo(await tokenOf(claimsOf(other.id))), {
      headers: { cookie: first.cookie },
    })
    const names = [first.cookie, cookieOf(response)].map((cookie) => cookie.split('=')[0])
    expect(names[0]).toBe(names[1])
    const session = await withSession(cookieOf(response), '/console/session')
    expect(session.json).toMatchObject({ data: { organization: { id: other.id } } })
  })

  it('that is forged, altered, expired, or a link is refused', async () => {
    const { cookie } = await signIn(api, acme.id, { role: 'viewer' })
    const [name = '', session = ''] = cookie.split('=')
    const [header = '', payload = '', signature = ''] = session.split('.')
    const claims = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
    const past = seconds() - 10
    const forged = [
      await tokenOf(claims, 'another-secret-of-more-than-32-characters'),
      unsigned({ alg: 'HS256', typ: 'JWT' }, { ...claims, role: 'admin' }, signature),
      unsigned({ alg: 'HS256', typ: 'JWT' }, { ...claims, org: other.id }, signature),
      unsigned({ alg: 'none', typ: 'JWT' }, claims),
      `${header}.${payload}.${signature.slice(0, -2)}`,
      await tokenOf({ ...claims, iat: past - 100, exp: past }),
      await tokenOf(claimsOf(acme.id)),
      'x',
      '',
    ]
    for (const value of forged) {
      for (const path of ['/jobs', '/keys', '/console/session']) {
        const response = await withSession(`${name}=${value}`, path)
        expect([value, response.status, codeOf(response)]).toEqual([value, 401, 'invalid_session'])
      }
    }
    expect((await withSession(cookie)).status).toBe(200)
  })

  it('under the name for loopback is not taken over TLS', async () => {
    const { cookie } = await signIn(api, acme.id)
    const response = await withSession(cookie.replace('__Host-console', 'console'))
    expect(codeOf(response)).toBe('missing_api_key')
  })

  it('ends with its organization', async () => {
    const { id } = await createOrganization(1)
    const { cookie } = await signIn(api, id)
    await asOwner('delete from organizations where id = $1', [id])
    for (const path of ['/jobs', '/keys', '/keys/audit', '/console/session']) {
      expect([path, codeOf(await withSession(cookie, path))]).toEqual([path, 'invalid_session'])
    }
  })

  it('has limits of its own: those of a key, and one for each person', async () => {
    const limited = createConsoleApi({ RATE_LIMIT_REQUESTS: '2' })
    const { id } = await createOrganization(1)
    const [ada, grace] = [
      await signIn(limited, id, { sub: 'ada' }),
      await signIn(limited, id, { sub: 'grace' }),
    ]
    const statusOf = async (headers: Record<string, string>) =>
      (await limited.call('/jobs', { headers })).status
    expect([await statusOf(ada), await statusOf(ada), await statusOf(ada)]).toEqual([200, 200, 429])
    expect(await statusOf(grace)).toBe(200)
    expect((await limited.call('/jobs', withKey(await issueKey(id)))).status).toBe(200)
  })

  it('signs out from its own pages only', async () => {
    const { cookie } = await signIn(api, acme.id)
    const signOut = (headers: Record<string, string>) =>
      api.call('/console/sign-out', { method: 'POST', headers: { cookie, ...headers } })
    for (const headers of [{}, { origin: 'https://evil.example' }, { origin: 'null' }]) {
      const response = await signOut(headers as Record<string, string>)
      expect(codeOf(response)).toBe('origin_not_allowed')
      expect(response.headers.get('set-cookie')).toBeNull()
    }
    const response = await signOut({ origin: 'https://api.test' })
    expect(response.status).toBe(204)
    expect(response.headers.get('set-cookie')).toBe(
      '__Host-console=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
    )
  })
})

describe('pages', () => {
  it.each([
    '/console',
    '/console/',
    '/console/jobs',
    '/console/jobs/3f0c1f6e-2c7b-4d0e-9a55-0b6f3a1c9d42',
    '/console/settings/keys',
    '/console/usage',
  ])('%s is the one page, which nobody may embed', async (path) => {
    const response = await api.call(path)
    expect([response.status, response.text]).toEqual([200, PAGE])
    expect(response.headers.get('content-security-policy')).toBe(POLICY)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-cache')
  })

  it('may be embedded by the origins of the setting, and by no others', async () => {
    const origins = 'https://app.example.com, https://jobs.example.com'
    const embedded = createConsoleApi({ CONSOLE_FRAME_ANCESTORS: origins })
    const response = await embedded.call('/console')
    expect(response.headers.get('content-security-policy')).toBe(
      POLICY.replace(/frame-ancestors .*/, `frame-ancestors ${origins.replace(',', '')}`),
    )
  })

  it('elsewhere below /console are the API’s 404', async () => {
    expect(codeOf(await api.call('/console/nowhere'))).toBe('not_found')
  })
})

describe('without a console', () => {
  const paths = ['/console', '/console/sign-in?token=x', '/console/session', '/keys', '/keys/audit']

  it.each([
    ['CONSOLE_SECRET', { CONSOLE_SECRET: undefined }],
    ['CONSOLE_DATABASE_URL', { CONSOLE_DATABASE_URL: undefined }],
  ])(
    '%s missing: every address of it is the API’s 404, and a session counts for nothing',
    async (_, vars) => {
      const plain = createApi(vars)
      for (const path of paths) expect([path, codeOf(await plain.call(path))]).toEqual([path, 'not_found'])
      const { cookie } = await signIn(api, acme.id)
      expect(codeOf(await plain.call('/jobs', { headers: { cookie } }))).toBe('missing_api_key')
    },
  )
})
