// The part that every statement begins with: the caller's organization, by its key or by its ID.

import * as z from 'zod/mini'
import { isTimeZone } from '../analytics/windows.ts'
import type { Credential, Organization } from './directory.ts'

/**
 * $1 the key's hash in hex. A select from `credential` follows it; no row means an unknown, revoked or expired key.
 * The update records the use of the key, at most once a minute, and never waits for a lock.
 */
const KEY_CREDENTIAL = `with credential as (
  select k.id, k.organization_id, o.time_zone, o.site_name, case when o.domain_verified_at is not null then o.domain end as domain
  from api_keys k join organizations o on o.id = k.organization_id
  where k.hash = decode($1, 'hex') and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
), used as (
  update api_keys set last_used_at = now() where id = (
    select id from api_keys
    where id = (select id from credential) and (last_used_at is null or last_used_at < now() - interval '1 minute')
    for no key update skip locked)
)`

/** $1 the organization's ID. */
const PERSON_CREDENTIAL = `with credential as (
  select null as id, o.id as organization_id, o.time_zone, o.site_name, case when o.domain_verified_at is not null then o.domain end as domain
  from organizations o where o.id = $1
)`

/** The beginning of a statement, and its $1. */
export function credentialPart(credential: Credential): { text: string; parameter: string } {
  return 'keyHash' in credential
    ? { text: KEY_CREDENTIAL, parameter: credential.keyHash }
    : { text: PERSON_CREDENTIAL, parameter: credential.organizationId }
}

/** The column `organization` of a select from `credential c`. */
export const ORGANIZATION_COLUMN =
  "json_build_object('keyId', c.id, 'id', c.organization_id::text, 'domain', c.domain, 'siteName', c.site_name, 'timeZone', c.time_zone) as organization"

/** The schema of that column: an `Organization`. */
export const organizationColumn = z.pipe(
  z.object({
    keyId: z.nullable(z.string()),
    id: z.string(),
    domain: z.nullable(z.string()),
    siteName: z.nullable(z.string()),
    timeZone: z.string().check(z.refine(isTimeZone)),
  }),
  z.transform(
    ({ domain, siteName, ...rest }): Organization => ({
      ...rest,
      domain: domain ?? undefined,
      siteName: siteName ?? undefined,
    }),
  ),
)
