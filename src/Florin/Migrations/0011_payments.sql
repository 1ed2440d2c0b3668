create schema payments;
grant usage on schema payments to {{server}};

-- One request that somebody pay an amount for a purpose. What stands above the line never changes.
create table payments.payments (
    id uuid primary key,
    purpose text not null,
    amount bigint not null check (amount between 1 and 1000000000000000),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    fee bigint not null check (fee between 0 and amount), -- what the house takes of it when it completes
    owner uuid not null, -- the person who answers for the payee
    payee uuid not null, -- a shop, a wallet …
    payee_name text not null,
    account_id bigint not null, -- the ledger's account that it credits
    payer uuid, -- the only person who may pay it; null: anybody
    code text not null unique, -- for the payer's page: whoever has it may see and pay
    subject jsonb not null, -- what the purpose keeps
    description text,
    reference text,
    metadata jsonb not null,
    created_by uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    --------
    state text not null check (state in ('pending', 'processing', 'completed', 'partially_refunded', 'refunded', 'failed', 'cancelled', 'expired')),
    method text, -- which one collected it
    paid_by uuid,
    completed_at timestamptz,
    ended_at timestamptz, -- failed, cancelled, expired
    failed_attempts integer not null default 0,
    refund_reserved bigint not null default 0, -- in refunds that are on their way or done
    refunded bigint not null default 0, -- in refunds that are done
    check (0 <= refunded and refunded <= refund_reserved and refund_reserved <= amount),
    check ((state in ('completed', 'partially_refunded', 'refunded')) = (completed_at is not null)),
    check ((state in ('failed', 'cancelled', 'expired')) = (ended_at is not null)),
    check ((state = 'refunded') = (refunded = amount)),
    check (completed_at is not null or refund_reserved = 0)
);
create index payments_owner on payments.payments (owner, id);
create index payments_payee on payments.payments (payee, id);
create index payments_paid_by on payments.payments (paid_by, id) where paid_by is not null;
create index payments_payer on payments.payments (payer, id) where payer is not null;
create index payments_due on payments.payments (expires_at) where state in ('pending', 'processing');
grant select, insert on payments.payments to {{server}};
grant update (state, method, paid_by, completed_at, ended_at, failed_attempts, refund_reserved, refunded) on payments.payments to {{server}};

-- One try by one method. Live: it may still be captured, and nobody else collects. Abandoned: given up by us, and watched until its gateway
-- says how it ended. Late: captured when the payment could no longer take it.
create table payments.attempts (
    id uuid primary key,
    payment_id uuid not null references payments.payments (id),
    method text not null,
    state text not null check (state in ('live', 'succeeded', 'failed', 'cancelled', 'abandoned', 'late')),
    started_by uuid,
    gateway_reference text,
    next_action bytea, -- encrypted: what the payer has to do next
    contact bytea, -- encrypted: who pays, for the gateway; erased when it has ended
    key_id uuid unique, -- the caller's idempotency key while the gateway is asked
    source jsonb, -- what an instant method needs to give back
    taken bigint, -- what left the payer
    taken_currency text,
    failure_code text,
    failure_text text,
    started_at timestamptz not null,
    ended_at timestamptz,
    inquire_at timestamptz, -- when the gateway is to be asked next
    inquiries integer not null default 0,
    check ((state in ('live', 'abandoned')) = (ended_at is null)),
    check ((state in ('succeeded', 'late')) = (taken is not null)),
    check ((taken is null) = (taken_currency is null))
);
create unique index attempts_live on payments.attempts (payment_id) where state = 'live';
create unique index attempts_succeeded on payments.attempts (payment_id) where state = 'succeeded';
create index attempts_payment on payments.attempts (payment_id, id);
create index attempts_inquire on payments.attempts (inquire_at) where inquire_at is not null;
create index attempts_late on payments.attempts (id) where state = 'late';
grant select, insert on payments.attempts to {{server}};
grant update (state, gateway_reference, next_action, contact, taken, taken_currency, failure_code, failure_text, ended_at, inquire_at, inquiries)
    on payments.attempts to {{server}};

-- Money on its way back. Pending: it stands in refund clearing (late money: in suspense) until the gateway has it, or staff say how it went back.
create table payments.refunds (
    id uuid primary key,
    payment_id uuid not null references payments.payments (id),
    attempt_id uuid not null references payments.attempts (id),
    amount bigint not null check (amount > 0),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    destination text not null check (destination in ('wallet', 'cash', 'gateway', 'manual')),
    given bigint, -- what reached the payer, in their own currency
    given_currency text,
    reason text not null,
    note text,
    state text not null check (state in ('pending', 'completed', 'failed')),
    requested_by uuid,
    gateway_reference text,
    failure_text text,
    tries integer not null default 0,
    try_at timestamptz,
    requested_at timestamptz not null,
    ended_at timestamptz,
    check ((state = 'pending') = (ended_at is null)),
    check ((given is null) = (given_currency is null))
);
create unique index refunds_late on payments.refunds (attempt_id) where reason = 'late_money';
create index refunds_payment on payments.refunds (payment_id, id);
create index refunds_due on payments.refunds (try_at) where try_at is not null;
create index refunds_pending on payments.refunds (id) where state = 'pending';
grant select, insert on payments.refunds to {{server}};
grant update (state, destination, given, given_currency, gateway_reference, failure_text, tries, try_at, ended_at, note) on payments.refunds to {{server}};
