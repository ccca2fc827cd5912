// Who makes a request: the holder of an API key, or a person whom the platform signed in.

import type { Person } from '../console/person.ts'
import { digestOf } from '../http/digest.ts'
import { ApiError } from '../http/errors.ts'
import { readSessionCookie } from '../http/session-cookie.ts'
import type { ConsoleServices, Services } from '../services.ts'
import type { RequestContext } from './request-context.ts'

/** An API key, verified. It may still be revoked or expired. */
export interface KeyCaller {
  keyHash: string
  /** The limits are counted under this ID. */
  limitId: string
  /** What the cache keys of this caller's own figures contain. */
  cacheId: string
}

/** A person. `token` is the name of the token that signed the request; undefined with a session. */
export interface PersonCaller {
  organizationId: string
  person: Person
  limitId: string
  cacheId: string
  token: string | undefined
  /** When the session ends, in epoch milliseconds; undefined with a token. */
  expiresAt: number | undefined
}

/** Who makes a request. */
export type Caller = KeyCaller | PersonCaller

/** The parts of a request that identify its caller. */
export type Credentials = Pick<Request, 'url' | 'headers'>

/**
 * The key of a request or, without one, the person of its session. Needs no network. Throws `ApiError` `missing_api_key`,
 * `invalid_api_key` or `invalid_session`.
 */
export async function identifyCaller(
  credentials: Credentials,
  request: RequestContext,
  services: Services,
): Promise<Caller> {
  const key = credentials.headers.get('x-api-key')
  if (key) return remember(request, await verifyKey(key, services))
  const { console } = services
  const session = console && readSessionCookie(credentials)
  if (!console || session === undefined) throw new ApiError('missing_api_key')
  return remember(request, await verifySession(session, console))
}

/**
 * The person of a request that manages API keys, by a session or by a token of the platform in `Authorization`. Needs no
 * network. Throws `ApiError` `key_not_allowed`, `invalid_token` or `invalid_session`.
 */
export async function identifyPerson(
  credentials: Credentials,
  request: RequestContext,
  console: ConsoleServices,
  now: number,
): Promise<PersonCaller> {
  const { headers } = credentials
  if (headers.has('x-api-key')) throw new ApiError('key_not_allowed')
  const [, token] = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '') ?? []
  if (token === undefined) return identifySession(credentials, request, console)
  const verified = await console.tokens.verifySignIn(token, now)
  if (typeof verified === 'string') throw new ApiError('invalid_token')
  const { person, id } = verified
  return remember(request, await personCaller(person, await tokenName(person, id), undefined))
}

/** The person of a session. Needs no network. Throws `ApiError` `invalid_session`. */
export async function identifySession(
  credentials: Credentials,
  request: RequestContext,
  console: ConsoleServices,
): Promise<PersonCaller> {
  return remember(request, await verifySession(readSessionCookie(credentials) ?? '', console))
}

/** The name under which the use of a token is recorded. */
export function tokenName({ organizationId }: Person, id: string): Promise<string> {
  return digestOf(JSON.stringify([organizationId, id]))
}

async function verifyKey(key: string, { keys }: Services): Promise<KeyCaller> {
  const keyHash = await keys.hashOf(key)
  if (keyHash === undefined) throw new ApiError('invalid_api_key')
  return { keyHash, limitId: keyHash, cacheId: keyHash.slice(0, 16) }
}

async function verifySession(session: string, { tokens }: ConsoleServices): Promise<PersonCaller> {
  const verified = await tokens.verifySession(session)
  if (verified === undefined) throw new ApiError('invalid_session')
  return personCaller(verified.person, undefined, verified.expiresAt)
}

async function personCaller(
  person: Person,
  token: string | undefined,
  expiresAt: number | undefined,
): Promise<PersonCaller> {
  const { organizationId, id } = person
  const limitId = `person:${await digestOf(JSON.stringify([organizationId, id]))}`
  return { organizationId, person, limitId, cacheId: `organization-${organizationId}`, token, expiresAt }
}

function remember<SomeCaller extends Caller>(request: RequestContext, caller: SomeCaller): SomeCaller {
  request.caller = caller
  return caller
}
