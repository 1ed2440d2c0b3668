-- What is known of a payment changes once or twice, soon after it was written: in place, for which its page keeps room.
alter table analytics.payments set (fillfactor = 70);

-- One trigger a statement instead of two: what was known (gone) is taken away in the same step that adds what is known now (added), so that only sums that
-- differ are touched. Where a statement inserts, PostgreSQL knows no gone; then the empty view of that name is meant.
drop trigger payments_added on analytics.payments;
drop trigger payments_changed_a on analytics.payments;
drop trigger payments_changed_b on analytics.payments;
drop function analytics.count_payments();
create view analytics.gone as select * from analytics.payments where false;

-- With the owner's rights: the server itself may not touch a sum. What is taken away was added before, so that a sum that is missing then is a fault, which
-- its check tells.
create function analytics.count_payments() returns trigger language plpgsql security definer set search_path = pg_catalog, analytics
    set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off -- a few sums of very many, whatever the plan was made for
    set jit = off -- the empty view counts as costly where it is not asked
as $$
begin
    if not exists (select from added) then
        return null; -- an insert of nothing but conflicts
    end if;

    merge into analytics.made m using (
        select s.size, date_trunc(s.size, c.created_at, 'UTC') as start, c.currency, c.purpose, c.method, c.state,
            sum(c.sign)::bigint as payments, sum(c.sign * c.amount)::bigint as amount
        from (select 1 as sign, * from added union all select -1, * from gone) c cross join (values ('hour'), ('day')) s(size)
        group by 1, 2, 3, 4, 5, 6 having sum(c.sign) <> 0 or sum(c.sign * c.amount) <> 0
    ) d on (m.size, m.start, m.currency, m.purpose, m.method, m.state) = (d.size, d.start, d.currency, d.purpose, d.method, d.state)
    when matched then update set payments = m.payments + d.payments, amount = m.amount + d.amount
    when not matched then insert (size, start, currency, purpose, method, state, payments, amount)
        values (d.size, d.start, d.currency, d.purpose, d.method, d.state, d.payments, d.amount);

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
        select date_trunc('day', c.completed_at, 'UTC') as start, c.payee, c.currency, c.purpose,
            sum(c.sign)::bigint as payments, sum(c.sign * c.amount)::bigint as gross, sum(c.sign * c.fee)::bigint as fees
        from (select 1 as sign, * from added union all select -1, * from gone) c where c.completed_at is not null
        group by 1, 2, 3, 4 having sum(c.sign) <> 0 or sum(c.sign * c.amount) <> 0 or sum(c.sign * c.fee) <> 0
    ) d on (p.start, p.payee, p.currency, p.purpose) = (d.start, d.payee, d.currency, d.purpose)
    when matched then update set payments = p.payments + d.payments, gross = p.gross + d.gross, fees = p.fees + d.fees
    when not matched then insert (start, payee, currency, purpose, payments, gross, fees, refunds, refunded)
        values (d.start, d.payee, d.currency, d.purpose, d.payments, d.gross, d.fees, 0, 0);

    merge into analytics.waits w using (
        select s.size, date_trunc(s.size, c.completed_at, 'UTC') as start, c.method, c.wait, sum(c.sign)::bigint as payments
        from (select 1 as sign, * from added union all select -1, * from gone) c cross join (values ('hour'), ('day')) s(size)
        where c.completed_at is not null
        group by 1, 2, 3, 4 having sum(c.sign) <> 0
    ) d on (w.size, w.start, w.method, w.wait) = (d.size, d.start, d.method, d.wait)
    when matched then update set payments = w.payments + d.payments
    when not matched then insert (size, start, method, wait, payments) values (d.size, d.start, d.method, d.wait, d.payments);
    return null;
end $$;

create trigger payments_added after insert on analytics.payments
    referencing new table as added for each statement execute function analytics.count_payments();
create trigger payments_changed after update on analytics.payments
    referencing new table as added old table as gone for each statement execute function analytics.count_payments();
