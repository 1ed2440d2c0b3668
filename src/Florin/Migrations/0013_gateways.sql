-- What card gateways tell us, and a little gateway of our own for the sandbox.
create schema gateways;
grant usage on schema gateways to {{server}};

-- Every callback as it came. Its body is encrypted: it may name people. Kept for 90 days.
create table gateways.callbacks (
    id uuid primary key,
    gateway text not null,
    event text not null, -- the gateway's own id of it, or a digest where it has none
    kind text not null,
    body bytea not null,
    headers jsonb not null,
    attempt uuid, -- what it is about, as far as it says
    refund uuid,
    reference text, -- the gateway's id of the charge, where it names no attempt of ours
    received_at timestamptz not null,
    outcome text not null check (outcome in ('received', 'asked', 'unmatched', 'ignored', 'failed')),
    processed_at timestamptz,
    tries integer not null default 0,
    unique (gateway, event),
    check ((outcome = 'received') = (processed_at is null))
);
create index callbacks_open on gateways.callbacks (received_at) where outcome in ('received', 'failed');
create index callbacks_received_at on gateways.callbacks using brin (received_at);
grant select, insert, delete, update (outcome, processed_at, tries) on gateways.callbacks to {{server}};

-- The sandbox gateway's charges. Live mode writes nothing here.
create table gateways.sandbox_charges (
    attempt uuid primary key, -- the idempotency key
    token text not null unique, -- of the payer's page
    code text not null, -- of the payment, to lead the payer back
    payee text not null,
    description text,
    amount bigint not null check (amount > 0),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    script text not null,
    state text not null check (state in ('waiting', 'captured', 'failed', 'cancelled', 'expired')),
    created_at timestamptz not null,
    ended_at timestamptz,
    check ((state = 'waiting') = (ended_at is null))
);
create index sandbox_charges_created_at on gateways.sandbox_charges (created_at);
grant select, insert, delete, update (state, ended_at) on gateways.sandbox_charges to {{server}};

create table gateways.sandbox_refunds (
    refund uuid primary key, -- the idempotency key
    attempt uuid not null references gateways.sandbox_charges (attempt) on delete cascade,
    amount bigint not null check (amount > 0),
    completes_at timestamptz not null -- pending until then
);
create index sandbox_refunds_attempt on gateways.sandbox_refunds (attempt);
grant select, insert, delete on gateways.sandbox_refunds to {{server}};

-- Callbacks that the sandbox gateway has yet to send. One server at a time sends each (leased_until).
create table gateways.sandbox_callbacks (
    id uuid primary key,
    attempt uuid not null references gateways.sandbox_charges (attempt) on delete cascade,
    body text not null,
    forged boolean not null,
    captures boolean not null, -- the expired charge is captured after all at that moment
    due_at timestamptz not null,
    leased_until timestamptz,
    delivered_at timestamptz,
    tries integer not null default 0
);
create index sandbox_callbacks_due on gateways.sandbox_callbacks (due_at) where delivered_at is null;
create index sandbox_callbacks_attempt on gateways.sandbox_callbacks (attempt);
grant select, insert, delete, update (leased_until, delivered_at, tries) on gateways.sandbox_callbacks to {{server}};
