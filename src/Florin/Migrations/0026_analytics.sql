-- Rollups: what payments and refunds add up to per hour and day, so that figures of a month cost as little as those of an hour. The server writes what it
-- knows of each payment; triggers keep the sums, so that no sum can differ from what it is the sum of.
create schema analytics;
grant usage on schema analytics to {{server}};

-- One row. Null: never built, as in a database that is older than the rollups are.
create table analytics.progress (
    one boolean primary key default true check (one),
    built_at timestamptz
);
insert into analytics.progress default values;
grant select, update (built_at) on analytics.progress to {{server}};

-- What is known of each payment.
create table analytics.payments (
    id uuid primary key,
    purpose text not null,
    currency text not null,
    method text not null, -- which one collected it; empty: none yet
    state text not null,
    payee uuid not null,
    amount bigint not null check (amount > 0),
    fee bigint not null check (fee >= 0), -- what the house took; zero where the method bears none
    wait integer, -- how long it took from its making to its completion, as a bucket of WaitBuckets
    created_at timestamptz not null,
    completed_at timestamptz,
    check ((wait is null) = (completed_at is null))
);

-- What is known of each refund that was done.
create table analytics.refunds (
    id uuid primary key,
    purpose text not null,
    currency text not null,
    method text not null, -- of its payment
    payee uuid not null,
    amount bigint not null check (amount > 0),
    done_at timestamptz not null
);
grant select, insert, update on analytics.payments to {{server}};
grant select, insert on analytics.refunds to {{server}};

-- Sums by the hour or day (UTC) in which payments were made: how many are in which state now.
create table analytics.made (
    size text not null check (size in ('hour', 'day')),
    start timestamptz not null,
    currency text not null,
    purpose text not null,
    method text not null,
    state text not null,
    payments bigint not null check (payments >= 0),
    amount bigint not null check (amount >= 0),
    primary key (size, start, currency, purpose, method, state)
);

-- Sums by the hour or day in which payments were completed, or refunds done.
create table analytics.taken (
    size text not null check (size in ('hour', 'day')),
    start timestamptz not null,
    currency text not null,
    purpose text not null,
    method text not null,
    payments bigint not null check (payments >= 0),
    gross bigint not null check (gross >= 0),
    fees bigint not null check (fees >= 0),
    refunds bigint not null check (refunds >= 0),
    refunded bigint not null check (refunded >= 0),
    primary key (size, start, currency, purpose, method)
);

-- The same for each payee, by day.
create table analytics.payees (
    start timestamptz not null,
    payee uuid not null,
    currency text not null,
    purpose text not null,
    payments bigint not null check (payments >= 0),
    gross bigint not null check (gross >= 0),
    fees bigint not null check (fees >= 0),
    refunds bigint not null check (refunds >= 0),
    refunded bigint not null check (refunded >= 0),
    primary key (start, payee, currency, purpose)
);

-- How many of those completed then took how long.
create table analytics.waits (
    size text not null check (size in ('hour', 'day')),
    start timestamptz not null,
    method text not null,
    wait integer not null,
    payments bigint not null check (payments >= 0),
    primary key (size, start, method, wait)
);
grant select on analytics.made, analytics.taken, analytics.payees, analytics.waits to {{server}};

-- Adds (1) or takes away (-1) what the changed payments count for. With the owner's rights: the server itself may not touch a sum. What is taken away was
-- added before, so that a sum that is missing then is a fault, which its check tells.
create function analytics.count_payments() returns trigger language plpgsql security definer set search_path = pg_catalog
    set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off -- a few sums of very many, whatever the plan was made for
as $$
declare
    factor bigint := tg_argv[0];
begin
    merge into analytics.made m using (
        select s.size, date_trunc(s.size, c.created_at, 'UTC') as start, c.currency, c.purpose, c.method, c.state,
            (factor * count(*))::bigint as payments, (factor * sum(c.amount))::bigint as amount
        from changed c cross join (values ('hour'), ('day')) s(size) group by 1, 2, 3, 4, 5, 6
    ) d on (m.size, m.start, m.currency, m.purpose, m.method, m.state) = (d.size, d.start, d.currency, d.purpose, d.method, d.state)
    when matched then update set payments = m.payments + d.payments, amount = m.amount + d.amount
    when not matched then insert (size, start, currency, purpose, method, state, payments, amount)
        values (d.size, d.start, d.currency, d.purpose, d.method, d.state, d.payments, d.amount);

    merge into analytics.taken t using (
        select s.size, date_trunc(s.size, c.completed_at, 'UTC') as start, c.currency, c.purpose, c.method,
            (factor * count(*))::bigint as payments, (factor * sum(c.amount))::bigint as gross, (factor * sum(c.fee))::bigint as fees
        from changed c cross join (values ('hour'), ('day')) s(size) where c.completed_at is not null group by 1, 2, 3, 4, 5
    ) d on (t.size, t.start, t.currency, t.purpose, t.method) = (d.size, d.start, d.currency, d.purpose, d.method)
    when matched then update set payments = t.payments + d.payments, gross = t.gross + d.gross, fees = t.fees + d.fees
    when not matched then insert (size, start, currency, purpose, method, payments, gross, fees, refunds, refunded)
        values (d.size, d.start, d.currency, d.purpose, d.method, d.payments, d.gross, d.fees, 0, 0);

    merge into analytics.payees p using (
        select date_trunc('day', c.completed_at, 'UTC') as start, c.payee, c.currency, c.purpose,
            (factor * count(*))::bigint as payments, (factor * sum(c.amount))::bigint as gross, (factor * sum(c.fee))::bigint as fees
        from changed c where c.completed_at is not null group by 1, 2, 3, 4
    ) d on (p.start, p.payee, p.currency, p.purpose) = (d.start, d.payee, d.currency, d.purpose)
    when matched then update set payments = p.payments + d.payments, gross = p.gross + d.gross, fees = p.fees + d.fees
    when not matched then insert (start, payee, currency, purpose, payments, gross, fees, refunds, refunded)
        values (d.start, d.payee, d.currency, d.purpose, d.payments, d.gross, d.fees, 0, 0);

    merge into analytics.waits w using (
        select s.size, date_trunc(s.size, c.completed_at, 'UTC') as start, c.method, c.wait, (factor * count(*))::bigint as payments
        from changed c cross join (values ('hour'), ('day')) s(size) where c.completed_at is not null group by 1, 2, 3, 4
    ) d on (w.size, w.start, w.method, w.wait) = (d.size, d.start, d.method, d.wait)
    when matched then update set payments = w.payments + d.payments
    when not matched then insert (size, start, method, wait, payments) values (d.size, d.start, d.method, d.wait, d.payments);
    return null;
end $$;

create function analytics.count_refunds() returns trigger language plpgsql security definer set search_path = pg_catalog
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
        select date_trunc('day', c.done_at, 'UTC') as start, c.payee, c.currency, c.purpose, count(*) as refunds, sum(c.amount)::bigint as refunded
        from changed c group by 1, 2, 3, 4
    ) d on (p.start, p.payee, p.currency, p.purpose) = (d.start, d.payee, d.currency, d.purpose)
    when matched then update set refunds = p.refunds + d.refunds, refunded = p.refunded + d.refunded
    when not matched then insert (start, payee, currency, purpose, payments, gross, fees, refunds, refunded)
        values (d.start, d.payee, d.currency, d.purpose, 0, 0, 0, d.refunds, d.refunded);
    return null;
end $$;

-- A change adds what is new (a) before it takes away what was (b).
create trigger payments_added after insert on analytics.payments
    referencing new table as changed for each statement execute function analytics.count_payments('1');
create trigger payments_changed_a after update on analytics.payments
    referencing new table as changed for each statement execute function analytics.count_payments('1');
create trigger payments_changed_b after update on analytics.payments
    referencing old table as changed for each statement execute function analytics.count_payments('-1');
create trigger refunds_added after insert on analytics.refunds
    referencing new table as changed for each statement execute function analytics.count_refunds();

-- Counts every sum anew from what is known of payments and refunds, and puts right what differs. Says how many sums did. Writes nothing where none does,
-- so that it holds no transaction id while it counts: readers of the outbox would wait for it.
create function analytics.recount() returns bigint language plpgsql security definer set search_path = pg_catalog as $$
declare
    fixed bigint := 0;
    part bigint;
begin
    with truth as (
        select s.size, date_trunc(s.size, p.created_at, 'UTC') as start, p.currency, p.purpose, p.method, p.state, count(*) as payments, sum(p.amount) as amount
        from analytics.payments p cross join (values ('hour'), ('day')) s(size) group by 1, 2, 3, 4, 5, 6
    )
    insert into analytics.made as m (size, start, currency, purpose, method, state, payments, amount)
    select size, start, currency, purpose, method, state, coalesce(t.payments, 0), coalesce(t.amount, 0)
    from truth t full join analytics.made k using (size, start, currency, purpose, method, state)
    where (coalesce(t.payments, 0), coalesce(t.amount, 0)) <> (coalesce(k.payments, 0), coalesce(k.amount, 0))
    on conflict (size, start, currency, purpose, method, state) do update set payments = excluded.payments, amount = excluded.amount;
    get diagnostics part = row_count;
    fixed := fixed + part;

    with truth as (
        select s.size, date_trunc(s.size, f.at, 'UTC') as start, f.currency, f.purpose, f.method, sum(f.payments) as payments, sum(f.gross) as gross,
            sum(f.fees) as fees, sum(f.refunds) as refunds, sum(f.refunded) as refunded
        from (
            select completed_at as at, currency, purpose, method, 1 as payments, amount as gross, fee as fees, 0 as refunds, 0::bigint as refunded
            from analytics.payments where completed_at is not null
            union all
            select done_at, currency, purpose, method, 0, 0, 0, 1, amount from analytics.refunds
        ) f cross join (values ('hour'), ('day')) s(size) group by 1, 2, 3, 4, 5
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
        select date_trunc('day', f.at, 'UTC') as start, f.payee, f.currency, f.purpose, sum(f.payments) as payments, sum(f.gross) as gross, sum(f.fees) as fees,
            sum(f.refunds) as refunds, sum(f.refunded) as refunded
        from (
            select completed_at as at, payee, currency, purpose, 1 as payments, amount as gross, fee as fees, 0 as refunds, 0::bigint as refunded
            from analytics.payments where completed_at is not null
            union all
            select done_at, payee, currency, purpose, 0, 0, 0, 1, amount from analytics.refunds
        ) f group by 1, 2, 3, 4
    )
    insert into analytics.payees as m (start, payee, currency, purpose, payments, gross, fees, refunds, refunded)
    select start, payee, currency, purpose, coalesce(t.payments, 0), coalesce(t.gross, 0), coalesce(t.fees, 0), coalesce(t.refunds, 0), coalesce(t.refunded, 0)
    from truth t full join analytics.payees k using (start, payee, currency, purpose)
    where (coalesce(t.payments, 0), coalesce(t.gross, 0), coalesce(t.fees, 0), coalesce(t.refunds, 0), coalesce(t.refunded, 0))
        <> (coalesce(k.payments, 0), coalesce(k.gross, 0), coalesce(k.fees, 0), coalesce(k.refunds, 0), coalesce(k.refunded, 0))
    on conflict (start, payee, currency, purpose) do update
        set payments = excluded.payments, gross = excluded.gross, fees = excluded.fees, refunds = excluded.refunds, refunded = excluded.refunded;
    get diagnostics part = row_count;
    fixed := fixed + part;

    with truth as (
        select s.size, date_trunc(s.size, p.completed_at, 'UTC') as start, p.method, p.wait, count(*) as payments
        from analytics.payments p cross join (values ('hour'), ('day')) s(size) where p.completed_at is not null group by 1, 2, 3, 4
    )
    insert into analytics.waits as m (size, start, method, wait, payments)
    select size, start, method, wait, coalesce(t.payments, 0)
    from truth t full join analytics.waits k using (size, start, method, wait) where coalesce(t.payments, 0) <> coalesce(k.payments, 0)
    on conflict (size, start, method, wait) do update set payments = excluded.payments;
    get diagnostics part = row_count;
    return fixed + part;
end $$;
revoke execute on function analytics.recount() from public;
grant execute on function analytics.recount() to {{server}};
