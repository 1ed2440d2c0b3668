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

create schema notifications;
grant usage on schema notifications to {{server}};

-- What a sandbox would have sent, kept for /dev/outbox. Live mode writes nothing here.
create table notifications.messages (
    id uuid primary key,
    event text not null unique, -- position of the outbox row, so that a repeated delivery keeps one
    person uuid not null,
    channel text not null check (channel in ('email', 'sms')),
    recipient text not null,
    template text not null,
    subject text,
    body text not null,
    created_at timestamptz not null
);
create index messages_created_at on notifications.messages (created_at);
grant select, insert, delete on notifications.messages to {{server}};

-- Tickets for live events, where a browser can send no header: single use, 30 seconds. Lost in a crash, which is no harm.
create unlogged table notifications.event_tickets (
    hash bytea primary key,
    person uuid not null,
    session uuid not null,
    session_expires_at timestamptz not null,
    expires_at timestamptz not null
);
grant select, insert, delete on notifications.event_tickets to {{server}};
