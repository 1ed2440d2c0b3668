-- Rollups of files, as those of vouchers (0041): files by the hour and day of UTC in which they were uploaded, and over all time, and what they are now.
create table files.rollups (
    size text not null check (size in ('hour', 'day', 'ever')),
    start timestamptz not null, -- of "ever" minus infinity
    processing bigint not null check (processing >= 0),
    completed bigint not null check (completed >= 0),
    failed bigint not null check (failed >= 0),
    primary key (size, start)
);
create table files.rollup_changes (
    size text not null,
    start timestamptz not null,
    processing bigint not null,
    completed bigint not null,
    failed bigint not null
);
create view files.figures as select * from files.rollups union all select * from files.rollup_changes;
grant select on files.figures to {{server}};

-- What a file counts for: once with the sign 1, or taken away with -1.
create function files.parts_of(f files.files, sign bigint) returns setof files.rollup_changes language sql stable as $$
    select s.size, s.start, sign * (f.state = 'processing')::int, sign * (f.state = 'completed')::int, sign * (f.state = 'failed')::int
    from (values ('hour', date_trunc('hour', f.uploaded_at, 'UTC')), ('day', date_trunc('day', f.uploaded_at, 'UTC')), ('ever', '-infinity')) s(size, start)
$$;

create function files.count_parts() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
    if tg_op = 'UPDATE' then
        insert into files.rollup_changes select * from files.parts_of(old, -1);
    end if;
    insert into files.rollup_changes select * from files.parts_of(new, 1);
    return null;
end $$;

create trigger files_added after insert on files.files for each row execute function files.count_parts();
create trigger files_changed after update on files.files for each row when (old.state <> new.state) execute function files.count_parts();

create function files.fold_rollups() returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
    if not pg_try_advisory_xact_lock(hashtextextended('files.rollups', 0)) then
        return;
    end if;

    with written as (delete from files.rollup_changes returning *)
    merge into files.rollups r using (
        select size, start, sum(processing)::bigint as processing, sum(completed)::bigint as completed, sum(failed)::bigint as failed from written group by 1, 2
    ) d on (r.size, r.start) = (d.size, d.start)
    when matched then update set processing = r.processing + d.processing, completed = r.completed + d.completed, failed = r.failed + d.failed
    when not matched then insert (size, start, processing, completed, failed) values (d.size, d.start, d.processing, d.completed, d.failed);
end $$;

create function files.recount_rollups() returns bigint language plpgsql security definer set search_path = pg_catalog as $$
declare
    wrong bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended('files.rollups', 0)); -- two at once would put the same right twice
    insert into files.rollup_changes
    select size, start, sum(processing), sum(completed), sum(failed)
    from (
        select c.* from files.files f cross join lateral files.parts_of(f, 1) c
        union all
        select size, start, -processing, -completed, -failed from files.figures
    ) part
    group by 1, 2 having (sum(processing), sum(completed), sum(failed)) <> (0, 0, 0);
    get diagnostics wrong = row_count;
    perform files.fold_rollups();
    return wrong;
end $$;
revoke execute on function files.fold_rollups(), files.recount_rollups() from public;
grant execute on function files.fold_rollups(), files.recount_rollups() to {{server}};
select files.recount_rollups();

-- What is owed is read from the lots with something left, and not from all that there ever were.
create index credit_lots_owed on files.credit_lots (currency) include (price, available, held) where available + held > 0;
