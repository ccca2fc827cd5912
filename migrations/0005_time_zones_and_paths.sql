-- The time zone whose days an organization's figures are counted in, as the analytics store has it (IANA name).
alter table organizations add column time_zone text not null default 'UTC';
grant select (time_zone) on organizations to job_analytics_worker;

-- Further pages of a job beside `path`: another locale, an old slug, the twin with or without a trailing slash.
alter table jobs add column paths text[] not null default '{}';
