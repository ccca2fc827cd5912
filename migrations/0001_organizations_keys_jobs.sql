-- What the platform tells the API: who its customers are, which keys they hold, which jobs are theirs.

create table organizations (
  id bigint generated always as identity primary key,
  name text not null check (name <> ''),
  -- Normalized: lower case ASCII, no scheme, port, path or leading "www.".
  domain text check (domain = lower(domain) and domain !~ '^www\.|[/:[:space:]]'),
  domain_verified_at timestamptz,
  created_at timestamptz not null default now(),
  check (domain is not null or domain_verified_at is null)
);

-- A verified domain's numbers are one organization's; an unverified claim blocks nobody.
create unique index organizations_verified_domain on organizations (domain) where domain_verified_at is not null;

create table api_keys (
  id uuid primary key default gen_random_uuid(),
  organization_id bigint not null references organizations (id) on delete cascade,
  name text not null check (name <> ''),
  -- SHA-256 of the whole key; the key itself is shown once and never stored.
  hash bytea not null unique check (octet_length(hash) = 32),
  -- The first 8 characters of the key, to tell keys apart in a list.
  hint text not null check (char_length(hint) = 8),
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);

create index api_keys_organization on api_keys (organization_id);

create type job_status as enum ('pending', 'active', 'expired', 'draft');

create table jobs (
  id uuid primary key,
  organization_id bigint not null references organizations (id) on delete cascade,
  title text not null,
  slug text not null,
  -- The path of the posting on the organization's domain, as the analytics store records it.
  path text not null check (path like '/%'),
  status job_status not null default 'active',
  created_at timestamptz not null default now(),
  expires_at timestamptz
);

create index jobs_organization_created on jobs (organization_id, created_at desc, id desc);
