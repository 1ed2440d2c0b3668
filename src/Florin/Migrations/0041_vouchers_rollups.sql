-- Rollups: what vouchers add up to by hour and day of UTC, and over all time ("ever"), so that figures of a month read some hundred rows. Triggers write by
-- how much each change moves them, with the change and by insert alone, so that nobody waits for anybody; a job adds what they wrote to the sums. What is
-- read is always both together (vouchers.figures), and so never late.
create table vouchers.rollups (
    size text not null check (size in ('hour', 'day', 'ever')),
    start timestamptz not null, -- of "ever" minus infinity
    type_id uuid not null,
    currency text not null,
    active bigint not null check (active >= 0), -- vouchers sold then, by the state in which they are now
    used bigint not null check (used >= 0),
    expired bigint not null check (expired >= 0),
    cancelled bigint not null check (cancelled >= 0),
    paid bigint not null check (paid >= 0), -- what was paid for those
    redeemed bigint not null check (redeemed >= 0), -- uses then that were not undone
    refunded bigint not null check (refunded >= 0), -- what went back then
    primary key (size, start, type_id, currency)
);
create table vouchers.rollup_changes (
    size text not null,
    start timestamptz not null,
    type_id uuid not null,
    currency text not null,
    active bigint not null,
    used bigint not null,
    expired bigint not null,
    cancelled bigint not null,
    paid bigint not null,
    redeemed bigint not null,
    refunded bigint not null
);
create view vouchers.figures as select * from vouchers.rollups union all select * from vouchers.rollup_changes;
grant select on vouchers.figures to {{server}};

-- What a voucher, or a use of one, counts for: once with the sign 1, or taken away with -1.
create function vouchers.parts_of(v vouchers.vouchers, sign bigint) returns setof vouchers.rollup_changes language sql stable as $$
    select s.size, s.start, v.type_id, v.currency, sign * c.active, sign * c.used, sign * c.expired, sign * c.cancelled, sign * c.paid, 0::bigint, sign * c.refunded
    from (
        select v.issued_at as at, (v.state = 'active')::int as active, (v.state = 'used')::int as used, (v.state = 'expired')::int as expired,
            (v.state = 'cancelled')::int as cancelled, v.paid as paid, 0::bigint as refunded
        union all
        select v.ended_at, 0, 0, 0, 0, 0, v.refunded where v.state = 'cancelled'
    ) c cross join lateral (values ('hour', date_trunc('hour', c.at, 'UTC')), ('day', date_trunc('day', c.at, 'UTC')), ('ever', '-infinity')) s(size, start)
$$;
create function vouchers.parts_of(r vouchers.redemptions, sign bigint) returns setof vouchers.rollup_changes language sql stable as $$
    select s.size, s.start, v.type_id, v.currency, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, sign, 0::bigint
    from vouchers.vouchers v
    cross join (values ('hour', date_trunc('hour', r.redeemed_at, 'UTC')), ('day', date_trunc('day', r.redeemed_at, 'UTC')), ('ever', '-infinity')) s(size, start)
    where v.id = r.voucher_id and r.undone_at is null
$$;

create function vouchers.count_parts() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
    if tg_op = 'UPDATE' then
        insert into vouchers.rollup_changes select * from vouchers.parts_of(old, -1);
    end if;
    insert into vouchers.rollup_changes select * from vouchers.parts_of(new, 1);
    return null;
end $$;

create trigger vouchers_added after insert on vouchers.vouchers for each row execute function vouchers.count_parts();
create trigger vouchers_changed after update on vouchers.vouchers for each row
    when ((old.state, old.ended_at, old.refunded) is distinct from (new.state, new.ended_at, new.refunded)) execute function vouchers.count_parts();
create trigger redemptions_added after insert on vouchers.redemptions for each row when (new.undone_at is null) execute function vouchers.count_parts();
create trigger redemptions_changed after update on vouchers.redemptions for each row
    when ((old.undone_at is null) <> (new.undone_at is null)) execute function vouchers.count_parts();

-- Adds what was written to the sums, in one step. One at a time: who finds another at it leaves it to that one.
create function vouchers.fold_rollups() returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
    if not pg_try_advisory_xact_lock(hashtextextended('vouchers.rollups', 0)) then
        return;
    end if;

    with written as (delete from vouchers.rollup_changes returning *)
    merge into vouchers.rollups r using (
        select size, start, type_id, currency, sum(active)::bigint as active, sum(used)::bigint as used, sum(expired)::bigint as expired,
            sum(cancelled)::bigint as cancelled, sum(paid)::bigint as paid, sum(redeemed)::bigint as redeemed, sum(refunded)::bigint as refunded
        from written group by 1, 2, 3, 4
    ) d on (r.size, r.start, r.type_id, r.currency) = (d.size, d.start, d.type_id, d.currency)
    when matched then update set active = r.active + d.active, used = r.used + d.used, expired = r.expired + d.expired, cancelled = r.cancelled + d.cancelled,
        paid = r.paid + d.paid, redeemed = r.redeemed + d.redeemed, refunded = r.refunded + d.refunded
    when not matched then insert (size, start, type_id, currency, active, used, expired, cancelled, paid, redeemed, refunded)
        values (d.size, d.start, d.type_id, d.currency, d.active, d.used, d.expired, d.cancelled, d.paid, d.redeemed, d.refunded);
end $$;

-- Counts every sum anew, in one look at the table and the sums while both go on, and writes by how much they differ. Says how many sums did.
create function vouchers.recount_rollups() returns bigint language plpgsql security definer set search_path = pg_catalog as $$
declare
    wrong bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended('vouchers.rollups', 0)); -- two at once would put the same right twice
    insert into vouchers.rollup_changes
    select size, start, type_id, currency, sum(active), sum(used), sum(expired), sum(cancelled), sum(paid), sum(redeemed), sum(refunded)
    from (
        select c.* from vouchers.vouchers v cross join lateral vouchers.parts_of(v, 1) c
        union all
        select c.* from vouchers.redemptions r cross join lateral vouchers.parts_of(r, 1) c
        union all
        select size, start, type_id, currency, -active, -used, -expired, -cancelled, -paid, -redeemed, -refunded from vouchers.figures
    ) part
    group by 1, 2, 3, 4
    having (sum(active), sum(used), sum(expired), sum(cancelled), sum(paid), sum(redeemed), sum(refunded)) <> (0, 0, 0, 0, 0, 0, 0);
    get diagnostics wrong = row_count;
    perform vouchers.fold_rollups();
    return wrong;
end $$;
revoke execute on function vouchers.fold_rollups(), vouchers.recount_rollups() from public;
grant execute on function vouchers.fold_rollups(), vouchers.recount_rollups() to {{server}};
select vouchers.recount_rollups();

-- Indexes that only figures asked.
drop index vouchers.vouchers_issued;
drop index vouchers.vouchers_kind;
drop index vouchers.vouchers_cancelled;
drop index vouchers.redemptions_at;
