-- What listing an organization's jobs needs at a million of them: an index for each order, one for the words of a title,
-- and how many jobs there are without counting them.

-- Sorting looks at 200 characters: an index entry of Postgres may not be longer than 2,704 bytes, and titles may.
create index jobs_organization_title on jobs (organization_id, left(title, 200), id);
create index jobs_organization_status_created on jobs (organization_id, status, created_at desc, id desc);
create index jobs_organization_status_title on jobs (organization_id, status, left(title, 200), id);

alter table jobs add column title_words tsvector not null generated always as (to_tsvector('simple', title)) stored;
-- The organization as an array, because GIN knows arrays without an extension. No pending list: searches would read it.
create index jobs_organization_words on jobs using gin ((array[organization_id]), title_words) with (fastupdate = off);

create table job_counts (
  organization_id bigint not null references organizations (id) on delete cascade,
  status job_status not null,
  count bigint not null check (count >= 0),
  primary key (organization_id, status)
);

-- One step of `count_jobs`. Counts of an organization that is being deleted may be gone already.
create function change_job_count(organization bigint, job_status job_status, change bigint) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
  if change > 0 then
    insert into job_counts as c values (organization, job_status, change)
    on conflict (organization_id, status) do update set count = c.count + excluded.count;
  else
    update job_counts c set count = c.count + change
    where c.organization_id = organization and c.status = job_status;
  end if;
end
$$;
revoke execute on function change_job_count from public;

-- Runs as its owner, so that whoever may change jobs need not be allowed to change the counts. Counts are changed, and so
-- locked, in one order everywhere: else two statements could wait for each other.
create function count_jobs() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  case tg_op
    when 'INSERT' then
      perform change_job_count(organization_id, status, n) from (
        select organization_id, status, count(*) as n from new_jobs group by 1, 2 order by 1, 2) j;
    when 'DELETE' then
      perform change_job_count(organization_id, status, -n) from (
        select organization_id, status, count(*) as n from old_jobs group by 1, 2 order by 1, 2) j;
    when 'UPDATE' then
      perform change_job_count(organization_id, status, n) from (
        select organization_id, status, sum(n) as n from (
          select organization_id, status, -1 as n from old_jobs
          union all select organization_id, status, 1 from new_jobs) both_sides
        group by 1, 2 having sum(n) <> 0 order by 1, 2) j;
    else
      delete from job_counts;
  end case;
  return null;
end
$$;

create trigger jobs_inserted after insert on jobs
  referencing new table as new_jobs for each statement execute function count_jobs();
create trigger jobs_updated after update on jobs
  referencing old table as old_jobs new table as new_jobs for each statement execute function count_jobs();
create trigger jobs_deleted after delete on jobs
  referencing old table as old_jobs for each statement execute function count_jobs();
create trigger jobs_truncated after truncate on jobs for each statement execute function count_jobs();

-- After the triggers, whose making keeps others from changing jobs until this is done.
insert into job_counts
select organization_id, status, count(*) from jobs group by organization_id, status;

grant select on job_counts to job_analytics_worker;
