-- What every module stands on. {{server}} is the role that the server signs in as; it owns nothing and has no DDL.

grant usage on schema platform to {{server}};
grant select on platform.migrations to {{server}};

-- Answers kept under the caller's key, written in the transaction of the effect. Only effects are kept, refusals are not.
create table platform.idempotency (
    id uuid primary key, -- digest of owner and key: small, and the key itself is nobody's business
    request_hash bytea not null,
    status smallint not null,
    body bytea, -- null: the answer held a secret
    created_at timestamptz not null
);
create index idempotency_created_at on platform.idempotency using brin (created_at);
grant select, insert, delete on platform.idempotency to {{server}};

-- Events for the outside, readable in (xid, id) order below the oldest running transaction, so that none is ever skipped.
create table platform.outbox (
    xid xid8 not null default pg_current_xact_id(),
    id bigint not null generated always as identity,
    topic text not null,
    aggregate uuid not null,
    payload jsonb not null,
    audience uuid[] not null,
    secret bytea, -- encrypted; erased when sent
    created_at timestamptz not null default now(),
    primary key (xid, id)
);
grant select, insert, delete, update (secret) on platform.outbox to {{server}};

-- How far each consumer has read. One process works for a consumer at a time (for update skip locked).
create table platform.outbox_cursors (
    consumer text primary key,
    xid xid8 not null,
    id bigint not null
);
grant select, insert, update on platform.outbox_cursors to {{server}};

-- Events that a consumer could not deliver yet, and those of the same aggregate that wait behind them.
create table platform.outbox_parked (
    consumer text not null,
    xid xid8 not null,
    id bigint not null,
    aggregate uuid not null,
    attempts integer not null default 0,
    next_attempt_at timestamptz not null,
    last_error text,
    primary key (consumer, xid, id)
);
create index outbox_parked_aggregate on platform.outbox_parked (consumer, aggregate);
create index outbox_parked_due on platform.outbox_parked (consumer, next_attempt_at);
grant select, insert, update, delete on platform.outbox_parked to {{server}};

-- Calls counted over all servers. Lost in a crash, which is no harm.
create unlogged table platform.rate_counts (
    bucket text not null,
    window_start timestamptz not null,
    count bigint not null,
    primary key (bucket, window_start)
);
grant select, insert, update, delete on platform.rate_counts to {{server}};
