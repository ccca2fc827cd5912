// What every statement begins with: whose key it is.

/**
 * $1 the key's hash in hex. The update notes the key's use, at most once a minute, and never waits for a lock.
 * A select that uses `credential` follows it.
 */
export const CREDENTIAL = `with credential as (
  select k.id, k.organization_id, case when o.domain_verified_at is not null then o.domain end as domain
  from api_keys k join organizations o on o.id = k.organization_id
  where k.hash = decode($1, 'hex') and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
), used as (
  update api_keys set last_used_at = now() where id = (
    select id from api_keys
    where id = (select id from credential) and (last_used_at is null or last_used_at < now() - interval '1 minute')
    for no key update skip locked)
)`
