-- The role the Worker connects as: it reads what a request needs and may note that a key was used, nothing else.
-- A role belongs to the whole cluster, so another database of it may have made it already.
do $$
begin
  create role job_analytics_worker nologin;
exception
  when duplicate_object then null;
end
$$;

grant usage on schema public to job_analytics_worker;
grant select (id, domain, domain_verified_at) on organizations to job_analytics_worker;
grant select (id, organization_id, hash, expires_at, revoked_at, last_used_at) on api_keys to job_analytics_worker;
grant update (last_used_at) on api_keys to job_analytics_worker;
grant select on jobs to job_analytics_worker;
