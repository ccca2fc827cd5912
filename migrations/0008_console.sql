-- What the console needs: who made a key, what people did, and functions through which they do it. They take the
-- organization of the signed-in person, and reach nothing of any other.
do $$
begin
  create role job_analytics_console nologin;
exception
  when duplicate_object then null;
end
$$;

-- The person who created the key in the console; null for keys of the operator.
alter table api_keys add column created_by text check (created_by <> '');

create table audit_log (
  id bigint generated always as identity primary key,
  organization_id bigint not null references organizations (id) on delete cascade,
  at timestamptz not null default now(),
  -- The platform's ID of the person, and the name at that time.
  person_id text not null check (person_id <> ''),
  person_name text check (person_name <> ''),
  action text not null check (action in ('create', 'rotate', 'revoke')),
  key_id uuid not null,
  key_name text not null,
  key_hint text not null
);
create index audit_log_organization on audit_log (organization_id, id desc);

-- ISO 8601 in UTC, as responses have it.
create function console_time(moment timestamptz) returns text language sql immutable strict parallel safe
return to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');

-- `expiring`: it has a successor and is valid until it expires.
create function console_key_state(key api_keys) returns text language sql stable parallel safe
return case when (key).revoked_at is not null then 'revoked' when (key).expires_at <= now() then 'expired'
  when (key).rotated_at is not null then 'expiring' else 'active' end;

create function console_key_json(key api_keys) returns json language sql stable parallel safe
return json_build_object(
  'id', (key).id, 'name', (key).name, 'hint', (key).hint, 'state', console_key_state(key),
  'created_at', console_time((key).created_at), 'created_by', (key).created_by,
  'last_used_at', console_time((key).last_used_at), 'expires_at', console_time((key).expires_at),
  'revoked_at', console_time((key).revoked_at));

-- Changes of one organization's keys wait for each other, so that two at once cannot exceed the limit. False: no such
-- organization.
create function console_lock(organization bigint) returns boolean language plpgsql
set search_path = public, pg_temp as $$
begin
  perform from organizations where id = organization for no key update;
  return found;
end
$$;

create function console_keys_in_state(organization bigint, wanted text) returns bigint language sql stable
set search_path = public, pg_temp
return (select count(*) from api_keys k where k.organization_id = organization and console_key_state(k) = wanted);

create function console_record(person_id text, person_name text, action text, key api_keys) returns void language sql
set search_path = public, pg_temp
begin atomic
  insert into audit_log (organization_id, person_id, person_name, action, key_id, key_name, key_hint)
  values ((key).organization_id, person_id, person_name, action, (key).id, (key).name, (key).hint);
end;

-- The organization, or null.
create function console_organization(organization bigint) returns json language sql stable security definer
set search_path = public, pg_temp
return (select json_build_object('id', o.id::text, 'name', o.name, 'domain', o.domain,
  'isVerified', o.domain_verified_at is not null, 'timeZone', o.time_zone) from organizations o where o.id = organization);

-- All keys of the organization, the newest first; null for an unknown organization.
create function console_list_keys(organization bigint) returns json language sql stable security definer
set search_path = public, pg_temp
return (select (select coalesce(json_agg(console_key_json(k) order by k.created_at desc, k.id), '[]')
  from api_keys k where k.organization_id = o.id) from organizations o where o.id = organization);

-- A key, or {"problem": "too_many_keys"}; null for an unknown organization.
create function console_create_key(
  organization bigint, key_name text, key_hash bytea, key_hint text, key_expires_at timestamptz, most integer,
  person_id text, person_name text
) returns json language plpgsql security definer set search_path = public, pg_temp as $$
declare
  created api_keys;
begin
  if not console_lock(organization) then return null; end if;
  if console_keys_in_state(organization, 'active') >= most then
    return json_build_object('problem', 'too_many_keys');
  end if;
  insert into api_keys (organization_id, name, hash, hint, expires_at, created_by)
  values (organization, key_name, key_hash, key_hint, key_expires_at, coalesce(person_name, person_id))
  returning * into created;
  perform console_record(person_id, person_name, 'create', created);
  return json_build_object('key', console_key_json(created));
end
$$;

-- The successor and when the old key ends, or a problem. The successor has the name and the lifetime of the old key. As many
-- keys may be expiring as may be active.
create function console_rotate_key(
  organization bigint, old_id uuid, key_hash bytea, key_hint text, overlap_seconds integer, most integer,
  person_id text, person_name text
) returns json language plpgsql security definer set search_path = public, pg_temp as $$
declare
  old api_keys;
  created api_keys;
begin
  if not console_lock(organization) then return null; end if;
  select * into old from api_keys k where k.id = old_id and k.organization_id = organization for no key update;
  if not found then return json_build_object('problem', 'key_not_found'); end if;
  if console_key_state(old) <> 'active' then return json_build_object('problem', 'key_not_active'); end if;
  if overlap_seconds > 0 and console_keys_in_state(organization, 'expiring') >= most then
    return json_build_object('problem', 'too_many_keys');
  end if;
  insert into api_keys (organization_id, name, hash, hint, expires_at, created_by)
  values (organization, old.name, key_hash, key_hint, now() + (old.expires_at - old.created_at),
    coalesce(person_name, person_id))
  returning * into created;
  update api_keys set rotated_at = now(),
    expires_at = least(coalesce(expires_at, 'infinity'), now() + overlap_seconds * interval '1 second')
  where id = old_id returning * into old;
  perform console_record(person_id, person_name, 'rotate', old);
  return json_build_object('key', console_key_json(created), 'oldKeyExpiresAt', console_time(old.expires_at));
end
$$;

-- {} or a problem; null for an unknown organization. Revoking a key again changes nothing.
create function console_revoke_key(organization bigint, old_id uuid, person_id text, person_name text)
returns json language plpgsql security definer set search_path = public, pg_temp as $$
declare
  old api_keys;
begin
  if not console_lock(organization) then return null; end if;
  select * into old from api_keys k where k.id = old_id and k.organization_id = organization for no key update;
  if not found then return json_build_object('problem', 'key_not_found'); end if;
  if old.revoked_at is null then
    update api_keys set revoked_at = now() where id = old_id;
    perform console_record(person_id, person_name, 'revoke', old);
  end if;
  return json_build_object();
end
$$;

-- What people did, the newest first; null for an unknown organization.
create function console_list_audit(organization bigint, most integer) returns json language sql stable security definer
set search_path = public, pg_temp
return (select (select coalesce(json_agg(json_build_object('at', console_time(a.at),
    'person', json_build_object('id', a.person_id, 'name', a.person_name), 'action', a.action,
    'key', json_build_object('id', a.key_id, 'name', a.key_name, 'hint', a.key_hint)) order by a.id desc), '[]')
  from (select * from audit_log l where l.organization_id = o.id order by l.id desc limit most) a)
  from organizations o where o.id = organization);

-- Postgres lets everybody execute a new function.
revoke execute on function console_time, console_key_state, console_key_json, console_lock, console_keys_in_state,
  console_record, console_organization, console_list_keys, console_create_key, console_rotate_key, console_revoke_key,
  console_list_audit from public;
grant usage on schema public to job_analytics_console;
grant execute on function console_organization, console_list_keys, console_create_key, console_rotate_key,
  console_revoke_key, console_list_audit to job_analytics_console;
