-- A consumer's cursor is leased, not locked: handlers talk to slow servers, and a row lock held for that long would hold back others.
alter table platform.outbox_cursors
    add column leased_by uuid,
    add column leased_until timestamptz not null default '-infinity';

-- Retries are leased in the same way. What could not be delivered in its number of attempts stays as dead and lets the later ones pass.
alter table platform.outbox_parked
    add column leased_by uuid,
    add column leased_until timestamptz not null default '-infinity',
    add column dead_at timestamptz;
create index outbox_parked_live on platform.outbox_parked (consumer, aggregate, xid, id) where dead_at is null;
drop index platform.outbox_parked_aggregate;
