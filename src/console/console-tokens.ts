// The two JWTs of the console: the platform's token that signs a person in once, and the session that it is exchanged for.

import { sign, verify } from 'hono/utils/jwt/jwt'
import * as z from 'zod/mini'
import { type Person, ROLES, SESSION_SECONDS } from './person.ts'

/** The audience of a token that signs in. */
const SIGN_IN_AUDIENCE = 'job-analytics-console'
/** The audience of a session, so that neither token is ever taken for the other. */
const SESSION_AUDIENCE = 'job-analytics-console-session'
/** The longest time between `iat` and `exp` of a token that signs in, in seconds. */
const MAX_LIFETIME_SECONDS = 300
/** How far the platform's clock may be ahead, in seconds. */
const MAX_CLOCK_SKEW_SECONDS = 60

const printable = z.string().check(z.regex(/^[^\p{Cc}]{1,200}$/u))

const personClaims = {
  org: z.string().check(z.regex(/^[1-9]\d{0,17}$/)),
  sub: printable,
  name: z.nullish(printable),
  role: z.enum(ROLES),
  exp: z.number(),
}
const signInClaims = z.object({
  ...personClaims,
  aud: z.literal(SIGN_IN_AUDIENCE),
  iat: z.number(),
  jti: printable,
})
const sessionClaims = z.object({ ...personClaims, aud: z.literal(SESSION_AUDIENCE) })

/** A token that signs in, verified. `id` is its `jti`, which counts once per organization. */
export interface SignInToken {
  person: Person
  id: string
}

/** A session, verified. `expiresAt` is in epoch milliseconds. */
export interface Session {
  person: Person
  expiresAt: number
}

/** The imported secret. */
type Secret = Awaited<ReturnType<typeof crypto.subtle.importKey>>

/** Signs and verifies the console's tokens. It stores the imported secret, and no token. */
export class ConsoleTokens {
  readonly #text: string
  #secret: Secret | undefined

  /** `secret`: `CONSOLE_SECRET`. */
  constructor(secret: string) {
    this.#text = secret
  }

  /** Verifies a token that signs in. Its use is not recorded here. `expired` may also be said of a forged token. */
  async verifySignIn(token: string, now: number): Promise<SignInToken | 'expired' | 'invalid'> {
    const claims = await this.#claims(token, signInClaims)
    if (typeof claims === 'string') return claims
    const { iat, exp, jti } = claims
    const isShort = exp - iat <= MAX_LIFETIME_SECONDS && iat <= now / 1_000 + MAX_CLOCK_SKEW_SECONDS
    return isShort ? { person: toPerson(claims), id: jti } : 'invalid'
  }

  /** Signs a token that signs this person in within the next `seconds`. */
  async signIn(person: Person, now: number, seconds = MAX_LIFETIME_SECONDS): Promise<string> {
    const aud = SIGN_IN_AUDIENCE
    return this.#sign({ aud, ...toClaims(person, now, seconds), jti: crypto.randomUUID() })
  }

  /** Signs the session of a person. */
  async createSession(person: Person, now: number): Promise<string> {
    return this.#sign({ aud: SESSION_AUDIENCE, ...toClaims(person, now, SESSION_SECONDS) })
  }

  /** The session in a cookie; undefined if it is altered or has ended. */
  async verifySession(token: string): Promise<Session | undefined> {
    const claims = await this.#claims(token, sessionClaims)
    return typeof claims === 'string'
      ? undefined
      : { person: toPerson(claims), expiresAt: claims.exp * 1_000 }
  }

  async #claims<Claims>(
    token: string,
    schema: z.core.$ZodType<Claims>,
  ): Promise<Claims | 'expired' | 'invalid'> {
    try {
      // The library allows no clock skew for `iat`, which is checked above.
      const payload = await verify(token, await this.#importedSecret(), { alg: 'HS256', iat: false })
      return z.safeParse(schema, payload).data ?? 'invalid'
    } catch (error) {
      return error instanceof Error && error.name === 'JwtTokenExpired' ? 'expired' : 'invalid'
    }
  }

  async #sign(claims: Record<string, unknown>): Promise<string> {
    return sign(claims, await this.#importedSecret(), 'HS256')
  }

  /** Imported, because the library takes a text that contains "PUBLIC" for a key in PEM. */
  async #importedSecret(): Promise<Secret> {
    this.#secret ??= await crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode(this.#text),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign', 'verify'],
    )
    return this.#secret
  }
}

function toPerson({ org, sub, name, role }: Omit<z.infer<typeof sessionClaims>, 'aud'>): Person {
  return { organizationId: org, id: sub, name: name ?? null, role }
}

function toClaims({ organizationId, id, name, role }: Person, now: number, seconds: number) {
  const iat = Math.floor(now / 1_000)
  return { org: organizationId, sub: id, ...(name !== null && { name }), role, iat, exp: iat + seconds }
}
