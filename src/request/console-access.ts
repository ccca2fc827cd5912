// What a person may do: the rules for requests that change something.

import { ApiError } from '../http/errors.ts'
import type { Credentials, PersonCaller } from './caller.ts'
import type { RequestContext } from './request-context.ts'

/** Throws `ApiError` `origin_not_allowed` unless a page of this host, or of the public URL, made the request. */
export function requireOwnOrigin(
  { url, headers }: Credentials,
  { origin: publicOrigin }: RequestContext,
): void {
  const origin = headers.get('origin')
  if (origin === new URL(url).origin || origin === publicOrigin) return
  throw new ApiError('origin_not_allowed')
}

/**
 * Throws `ApiError` unless this person may change API keys: with a session only from the console's own pages, and only as an
 * admin. A token is not sent by a browser on its own, so its origin does not matter.
 */
export function requireWriteAccess(
  credentials: Credentials,
  { person, token }: PersonCaller,
  request: RequestContext,
): void {
  if (token === undefined) requireOwnOrigin(credentials, request)
  if (person.role !== 'admin') throw new ApiError('role_required')
}
