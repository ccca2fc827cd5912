// Signs people in to the console of the stack, as a platform does.

import { sign } from 'hono/jwt'
import { type Api, type ApiResponse, createApi, demo } from './api.ts'

/** The platform's secret. */
export const { consoleSecret } = demo.secrets

/** The built page, as short as possible. */
export const PAGE = '<!doctype html><title>Console</title>'

/** An API with a console whose pages are built. `vars` replace bindings. */
export function createConsoleApi(vars: Record<string, unknown> = {}, now?: () => number): Api {
  const assets = { fetch: async () => new Response(PAGE, { headers: { 'Content-Type': 'text/html' } }) }
  return createApi({ ASSETS: assets, ...vars }, now ? { now } : {})
}

/** The time in epoch seconds. */
export function seconds(): number {
  return Math.floor(Date.now() / 1_000)
}

/** The claims of a token that signs this person in; `changes` replace some. */
export function claimsOf(organizationId: string, changes: Record<string, unknown> = {}) {
  const iat = seconds()
  return {
    aud: 'job-analytics-console',
    org: organizationId,
    sub: 'person-1',
    name: 'Ada',
    role: 'admin',
    iat,
    exp: iat + 300,
    jti: crypto.randomUUID(),
    ...changes,
  }
}

/** A token with these claims. */
export function tokenOf(claims: Record<string, unknown>, secret = consoleSecret): Promise<string> {
  return sign(claims, secret, 'HS256')
}

/** The path of the link that carries the token. */
export function linkTo(token: string): string {
  return `/console/sign-in?token=${token}`
}

/** The cookie that a response sets, as a request sends it. */
export function cookieOf({ headers }: Pick<ApiResponse, 'headers'>): string {
  return headers.get('set-cookie')?.split(';')[0] ?? ''
}

/** Signs a person in, and returns the headers of their requests; those of a page include `Origin`. */
export async function signIn(
  api: Api,
  organizationId: string,
  changes: Record<string, unknown> = {},
): Promise<{ cookie: string; origin: string }> {
  const response = await api.call(linkTo(await tokenOf(claimsOf(organizationId, changes))))
  if (response.status !== 303) throw new Error(response.text)
  return { cookie: cookieOf(response), origin: 'https://api.test' }
}
