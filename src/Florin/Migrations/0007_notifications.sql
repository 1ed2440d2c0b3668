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
