create schema webhooks;
grant usage on schema webhooks to {{server}};

-- How many endpoints each merchant has: one guarded update decides the limit, however many ask at once.
create table webhooks.owners (
    person_id uuid primary key,
    endpoints integer not null check (endpoints >= 0)
);
grant select, insert, update (endpoints), delete on webhooks.owners to {{server}};

-- Where a merchant wants to be told. A deleted one stays until its deliveries are gone.
create table webhooks.endpoints (
    id uuid primary key,
    person_id uuid not null,
    url text not null check (length(url) <= 2000),
    topics text[] not null check (cardinality(topics) > 0), -- '*' for all
    description text check (length(description) <= 200),
    created_at timestamptz not null,
    failing_since timestamptz, -- the first failed try since the last success
    disabled_at timestamptz,
    disabled_reason text check (disabled_reason in ('owner', 'gone', 'failing')),
    deleted_at timestamptz,
    check ((disabled_at is null) = (disabled_reason is null))
);
create index endpoints_person on webhooks.endpoints (person_id, id) where deleted_at is null;
create index endpoints_deleted on webhooks.endpoints (deleted_at) where deleted_at is not null;
grant select, insert, delete, update (url, topics, description, failing_since, disabled_at, disabled_reason, deleted_at) on webhooks.endpoints to {{server}};

-- What deliveries are signed with, encrypted: one without an end, and those that it replaced for a day more.
create table webhooks.secrets (
    id uuid primary key,
    endpoint_id uuid not null references webhooks.endpoints (id),
    sealed bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz
);
create index secrets_endpoint on webhooks.secrets (endpoint_id);
create unique index secrets_current on webhooks.secrets (endpoint_id) where expires_at is null;
grant select, insert, update (expires_at), delete on webhooks.secrets to {{server}};

-- One event for one endpoint. The id is the event's: what receivers tell repetitions by.
create table webhooks.deliveries (
    endpoint_id uuid not null references webhooks.endpoints (id),
    id uuid not null,
    seq bigint not null generated always as identity, -- the order within an aggregate
    event_id bigint not null, -- the outbox row
    event text not null, -- its position, as live events show it
    topic text not null,
    aggregate uuid not null,
    body text not null, -- as it is signed and sent
    happened_at timestamptz not null,
    state text not null default 'pending' check (state in ('pending', 'delivered', 'dead')),
    attempts integer not null default 0,
    round integer not null default 0, -- tries since it was made, or was to be sent again
    next_attempt_at timestamptz,
    last_status integer,
    last_error text,
    created_at timestamptz not null,
    ended_at timestamptz,
    primary key (endpoint_id, id),
    check ((state = 'pending') = (next_attempt_at is not null)),
    check ((state = 'pending') = (ended_at is null))
);
create unique index deliveries_event on webhooks.deliveries (endpoint_id, event_id);
create index deliveries_pending on webhooks.deliveries (endpoint_id, aggregate, seq) where state = 'pending';
create index deliveries_ended on webhooks.deliveries (endpoint_id, state, id) where state <> 'delivered';
create index deliveries_happened on webhooks.deliveries (endpoint_id, happened_at);
create index deliveries_created on webhooks.deliveries using brin (created_at);
grant select, insert, delete, update (state, attempts, round, next_attempt_at, last_status, last_error, ended_at) on webhooks.deliveries to {{server}};

-- The things of an endpoint that have something pending. A server leases one and sends its oldest delivery, so that no two of one thing are ever
-- under way at once, and a claim costs the same however much waits behind.
create table webhooks.lanes (
    endpoint_id uuid not null references webhooks.endpoints (id),
    aggregate uuid not null,
    due_at timestamptz not null, -- of a leased one: the end of the lease
    leased_by uuid,
    primary key (endpoint_id, aggregate)
);
create index lanes_due on webhooks.lanes (endpoint_id, due_at);
grant select, insert, delete, update (due_at, leased_by) on webhooks.lanes to {{server}};

-- What became of each try.
create table webhooks.attempts (
    endpoint_id uuid not null,
    delivery_id uuid not null,
    number integer not null check (number > 0),
    at timestamptz not null,
    milliseconds integer not null,
    status integer,
    error text,
    answer text check (length(answer) <= 1024),
    primary key (endpoint_id, delivery_id, number),
    foreign key (endpoint_id, delivery_id) references webhooks.deliveries (endpoint_id, id) on delete cascade
);
grant select, insert, delete on webhooks.attempts to {{server}};
