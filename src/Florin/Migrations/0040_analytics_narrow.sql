-- Sums as narrow as what is asked of them: payments made by state alone, waits whatever the method, and payees of sales only. So a month of the whole house
-- is some hundred rows instead of some ten thousand, and a payment moves fewer of them.
create table analytics.made_by_state (
    size text not null check (size in ('hour', 'day')),
    start timestamptz not null,
    state text not null,
    payments bigint not null check (payments >= 0),
    primary key (size, start, state)
);
insert into analytics.made_by_state select size, start, state, sum(payments)::bigint from analytics.made group by size, start, state;
drop table analytics.made;
alter table analytics.made_by_state rename to made;
alter index analytics.made_by_state_pkey rename to made_pkey;

create table analytics.waits_of_all (
    size text not null check (size in ('hour', 'day')),
    start timestamptz not null,
    wait integer not null,
    payments bigint not null check (payments >= 0),
    primary key (size, start, wait)
);
insert into analytics.waits_of_all select size, start, wait, sum(payments)::bigint from analytics.waits group by size, start, wait;
drop table analytics.waits;
alter table analytics.waits_of_all rename to waits;
alter index analytics.waits_of_all_pkey rename to waits_pkey;
grant select on analytics.made, analytics.waits to {{server}};

delete from analytics.payees where purpose <> 'sale';
alter table analytics.payees drop column purpose; -- and the primary key that names it
alter table analytics.payees add primary key (start, payee, currency);

-- As before, over the narrower sums.
create or replace function analytics.count_payments() returns trigger language plpgsql security definer set search_path = pg_catalog, analytics
    set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off -- a few sums of very many, whatever the plan was made for
    set jit = off -- the empty view counts as costly where it is not asked
as $$
begin
    if not exists (select from added) then
        return null; -- an insert of nothing but conflicts
    end if;

    merge into analytics.made m using (
        select s.size, date_trunc(s.size, c.created_at, 'UTC') as start, c.state, sum(c.sign)::bigint as payments
        from (select 1 as sign, * from added union all select -1, * from gone) c cross join (values ('hour'), ('day')) s(size)
        group by 1, 2, 3 having sum(c.sign) <> 0
    ) d on (m.size, m.start, m.state) = (d.size, d.start, d.state)
    when matched then update set payments = m.payments + d.payments
    when not matched then insert (size, start, state, payments) values (d.size, d.start, d.state, d.payments);

    if not exists (select from added where completed_at is not null) and not exists (select from gone where completed_at is not null) then
        return null;
    end if;

    merge into analytics.taken t using (
        select s.size, date_trunc(s.size, c.completed_at, 'UTC') as start, c.currency, c.purpose, c.method,
            sum(c.sign)::bigint as payments, sum(c.sign * c.amount)::bigint as gross, sum(c.sign * c.fee)::bigint as fees
        from (select 1 as sign, * from added union all select -1, * from gone) c cross join (values ('hour'), ('day')) s(size)
        where c.completed_at is not null
        group by 1, 2, 3, 4, 5 having sum(c.sign) <> 0 or sum(c.sign * c.amount) <> 0 or sum(c.sign * c.fee) <> 0
    ) d on (t.size, t.start, t.currency, t.purpose, t.method) = (d.size, d.start, d.currency, d.purpose, d.method)
    when matched then update set payments = t.payments + d.payments, gross = t.gross + d.gross, fees = t.fees + d.fees
    when not matched then insert (size, start, currency, purpose, method, payments, gross, fees, refunds, refunded)
        values (d.size, d.start, d.currency, d.purpose, d.method, d.payments, d.gross, d.fees, 0, 0);

    merge into analytics.payees p using (
        select date_trunc('day', c.completed_at, 'UTC') as start, c.payee, c.currency,
            sum(c.sign)::bigint as payments, sum(c.sign * c.amount)::bigint as gross, sum(c.sign * c.fee)::bigint as fees
        from (select 1 as sign, * from added union all select -1, * from gone) c where c.completed_at is not null and c.purpose = 'sale'
        group by 1, 2, 3 having sum(c.sign) <> 0 or sum(c.sign * c.amount) <> 0 or sum(c.sign * c.fee) <> 0
    ) d on (p.start, p.payee, p.currency) = (d.start, d.payee, d.currency)
    when matched then update set payments = p.payments + d.payments, gross = p.gross + d.gross, fees = p.fees + d.fees
    when not matched then insert (start, payee, currency, payments, gross, fees, refunds, refunded)
        values (d.start, d.payee, d.currency, d.payments, d.gross, d.fees, 0, 0);

    merge into analytics.waits w using (
        select s.size, date_trunc(s.size, c.completed_at, 'UTC') as start, c.wait, sum(c.sign)::bigint as payments
        from (select 1 as sign, * from added union all select -1, * from gone) c cross join (values ('hour'), ('day')) s(size)
        where c.completed_at is not null
        group by 1, 2, 3 having sum(c.sign) <> 0
    ) d on (w.size, w.start, w.wait) = (d.size, d.start, d.wait)
    when matched then update set payments = w.payments + d.payments
    when not matched then insert (size, start, wait, payments) values (d.size, d.start, d.wait, d.payments);
    return null;
end $$;

create or replace function analytics.count_refunds() returns trigger language plpgsql security definer set search_path = pg_catalog
    set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off -- a few sums of very many, whatever the plan was made for
as $$
begin
    merge into analytics.taken t using (
        select s.size, date_trunc(s.size, c.done_at, 'UTC') as start, c.currency, c.purpose, c.method, count(*) as refunds, sum(c.amount)::bigint as refunded
        from changed c cross join (values ('hour'), ('day')) s(size) group by 1, 2, 3, 4, 5
    ) d on (t.size, t.start, t.currency, t.purpose, t.method) = (d.size, d.start, d.currency, d.purpose, d.method)
    when matched then update set refunds = t.refunds + d.refunds, refunded = t.refunded + d.refunded
    when not matched then insert (size, start, currency, purpose, method, payments, gross, fees, refunds, refunded)
        values (d.size, d.start, d.currency, d.purpose, d.method, 0, 0, 0, d.refunds, d.refunded);

    merge into analytics.payees p using (
        select date_trunc('day', c.done_at, 'UTC') as start, c.payee, c.currency, count(*) as refunds, sum(c.amount)::bigint as refunded
        from changed c where c.purpose = 'sale' group by 1, 2, 3
    ) d on (p.start, p.payee, p.currency) = (d.start, d.payee, d.currency)
    when matched then update set refunds = p.refunds + d.refunds, refunded = p.refunded + d.refunded
    when not matched then insert (start, payee, currency, payments, gross, fees, refunds, refunded)
        values (d.start, d.payee, d.currency, 0, 0, 0, d.refunds, d.refunded);
    return null;
end $$;

-- What taken and payees are sums of.
create view analytics.taken_parts as
select completed_at as at, payee, currency, purpose, method, 1 as payments, amount as gross, fee as fees, 0 as refunds, 0::bigint as refunded
from analytics.payments where completed_at is not null
union all
select done_at, payee, currency, purpose, method, 0, 0, 0, 1, amount from analytics.refunds;

create or replace function analytics.recount() returns bigint language plpgsql security definer set search_path = pg_catalog as $$
declare
    fixed bigint := 0;
    part bigint;
begin
    with truth as (
        select s.size, date_trunc(s.size, p.created_at, 'UTC') as start, p.state, count(*) as payments
        from analytics.payments p cross join (values ('hour'), ('day')) s(size) group by 1, 2, 3
    )
    insert into analytics.made as m (size, start, state, payments)
    select size, start, state, coalesce(t.payments, 0)
    from truth t full join analytics.made k using (size, start, state) where coalesce(t.payments, 0) <> coalesce(k.payments, 0)
    on conflict (size, start, state) do update set payments = excluded.payments;
    get diagnostics part = row_count;
    fixed := fixed + part;

    with truth as (
        select s.size, date_trunc(s.size, f.at, 'UTC') as start, f.currency, f.purpose, f.method, sum(f.payments) as payments, sum(f.gross) as gross,
            sum(f.fees) as fees, sum(f.refunds) as refunds, sum(f.refunded) as refunded
        from analytics.taken_parts f cross join (values ('hour'), ('day')) s(size) group by 1, 2, 3, 4, 5
    )
    insert into analytics.taken as m (size, start, currency, purpose, method, payments, gross, fees, refunds, refunded)
    select size, start, currency, purpose, method, coalesce(t.payments, 0), coalesce(t.gross, 0), coalesce(t.fees, 0), coalesce(t.refunds, 0), coalesce(t.refunded, 0)
    from truth t full join analytics.taken k using (size, start, currency, purpose, method)
    where (coalesce(t.payments, 0), coalesce(t.gross, 0), coalesce(t.fees, 0), coalesce(t.refunds, 0), coalesce(t.refunded, 0))
        <> (coalesce(k.payments, 0), coalesce(k.gross, 0), coalesce(k.fees, 0), coalesce(k.refunds, 0), coalesce(k.refunded, 0))
    on conflict (size, start, currency, purpose, method) do update
        set payments = excluded.payments, gross = excluded.gross, fees = excluded.fees, refunds = excluded.refunds, refunded = excluded.refunded;
    get diagnostics part = row_count;
    fixed := fixed + part;

    with truth as (
        select date_trunc('day', f.at, 'UTC') as start, f.payee, f.currency, sum(f.payments) as payments, sum(f.gross) as gross, sum(f.fees) as fees,
            sum(f.refunds) as refunds, sum(f.refunded) as refunded
        from analytics.taken_parts f where f.purpose = 'sale' group by 1, 2, 3
    )
    insert into analytics.payees as m (start, payee, currency, payments, gross, fees, refunds, refunded)
    select start, payee, currency, coalesce(t.payments, 0), coalesce(t.gross, 0), coalesce(t.fees, 0), coalesce(t.refunds, 0), coalesce(t.refunded, 0)
    from truth t full join analytics.payees k using (start, payee, currency)
    where (coalesce(t.payments, 0), coalesce(t.gross, 0), coalesce(t.fees, 0), coalesce(t.refunds, 0), coalesce(t.refunded, 0))
        <> (coalesce(k.payments, 0), coalesce(k.gross, 0), coalesce(k.fees, 0), coalesce(k.refunds, 0), coalesce(k.refunded, 0))
    on conflict (start, payee, currency) do update
        set payments = excluded.payments, gross = excluded.gross, fees = excluded.fees, refunds = excluded.refunds, refunded = excluded.refunded;
    get diagnostics part = row_count;
    fixed := fixed + part;

    with truth as (
        select s.size, date_trunc(s.size, p.completed_at, 'UTC') as start, p.wait, count(*) as payments
        from analytics.payments p cross join (values ('hour'), ('day')) s(size) where p.completed_at is not null group by 1, 2, 3
    )
    insert into analytics.waits as m (size, start, wait, payments)
    select size, start, wait, coalesce(t.payments, 0)
    from truth t full join analytics.waits k using (size, start, wait) where coalesce(t.payments, 0) <> coalesce(k.payments, 0)
    on conflict (size, start, wait) do update set payments = excluded.payments;
    get diagnostics part = row_count;
    return fixed + part;
end $$;
