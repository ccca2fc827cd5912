-- The name of the organization's site in the analytics store, where it is not the domain: in Unicode letters, or with a path.
alter table organizations add column site_name text
  check (site_name is null or (domain is not null and site_name <> '' and site_name !~ '[[:space:]?#@]'));
grant select (site_name) on organizations to job_analytics_worker;
