-- What listing an organization's jobs needs at a million of them: an index for each order, one for the words of a title,
-- and how many jobs there are without counting them.

create index jobs_organization_title on jobs (organization_id, title, id);
create index jobs_organization_status_created on jobs (organization_id, status, created_at desc, id desc);
create index jobs_organization_status_title on jobs (organization_id, status, title, id);
create index jobs_title_words on jobs using gin (to_tsvector('simple', title));


create table job_counts (
  organization_id bigint not null references organizations (id) on delete cascade,
  status job_status not null,
  count bigint not null check (count >= 0),
  primary key (organization_id, status)
);

insert into job_counts
select organization_id, status, count(*) from jobs group by organization_id, status;

-- Runs as its owner, so that whoever may change jobs need not be allowed to change the counts.
create function count_jobs() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if tg_op <> 'INSERT' then
    -- Deleting an organization takes its counts along; then there is nothing to subtract from.
    update job_counts c set count = c.count - gone.count
    from (select organization_id, status, count(*) as count from old_jobs group by 1, 2 order by 1, 2) gone
    where c.organization_id = gone.organization_id and c.status = gone.status;
  end if;
  if tg_op <> 'DELETE' then
    insert into job_counts as c
    select organization_id, status, count(*) from new_jobs group by 1, 2 order by 1, 2
    on conflict (organization_id, status) do update set count = c.count + excluded.count;
  end if;
  return null;
end
$$;

create trigger jobs_inserted after insert on jobs
  referencing new table as new_jobs for each statement execute function count_jobs();
create trigger jobs_updated after update on jobs
  referencing old table as old_jobs new table as new_jobs for each statement execute function count_jobs();
create trigger jobs_deleted after delete on jobs
  referencing old table as old_jobs for each statement execute function count_jobs();

grant select on job_counts to job_analytics_worker;
