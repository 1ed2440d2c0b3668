-- Nearly every payment is changed once, when it is paid, and then six indexes got an entry more, since three of them named what changes. Now none does: the
-- row is changed in place, for which its page keeps room. What is looked for by what changes stands with the attempt that paid, or in a table of its own.
drop index payments.payments_due;
drop index payments.payments_paid_by;
drop index payments.payments_taken;
alter table payments.payments set (fillfactor = 50);

-- Payments to be ended when their time is over. The job that ends them takes them out, so that paying writes nothing here.
create table payments.expiries (
    expires_at timestamptz not null,
    payment_id uuid not null,
    primary key (expires_at, payment_id)
);
insert into payments.expiries select expires_at, id from payments.payments where state in ('pending', 'processing');
grant select, insert, delete on payments.expiries to {{server}};

-- Of the attempt that paid: whom, and who it was, where that is known.
alter table payments.attempts add column payee uuid, add column paid_by uuid;
update payments.attempts a set payee = p.payee, paid_by = p.paid_by from payments.payments p where p.id = a.payment_id and a.state = 'succeeded';
alter table payments.attempts add check ((payee is not null) = (state = 'succeeded')), add check (paid_by is null or payee is not null);
create index attempts_taken on payments.attempts (payee, ended_at) where payee is not null;
create index attempts_paid_by on payments.attempts (paid_by, payment_id) where paid_by is not null;
grant update (payee, paid_by) on payments.attempts to {{server}};

-- Few have a key, and what is null needs no entry.
alter table payments.attempts drop constraint attempts_key_id_key;
create unique index attempts_key on payments.attempts (key_id) where key_id is not null;

-- An attempt is written together with a change of its payment that must find it, and no payment is ever deleted. Asking for the payment once more locked
-- its row a second time.
alter table payments.attempts drop constraint attempts_payment_id_fkey;
