-- Staff say which attempt a callback is about that named none of ours. The gateway is asked about it; nothing is believed of the callback.
grant update (attempt) on gateways.callbacks to {{server}};

-- A gateway's own account of what it collected and gave back, as finance imported it: each content once.
create table gateways.settlements (
    id uuid primary key,
    gateway text not null,
    name text not null, -- of the file
    sha256 bytea not null check (length(sha256) = 32),
    from_at timestamptz not null, -- of its first and last movement
    to_at timestamptz not null,
    lines integer not null,
    matched integer not null,
    repeated integer not null, -- lines that another file had as well
    exceptions integer not null, -- found by this import
    totals jsonb not null, -- {"USD": {"charges", "refunds", "fees"}} in minor units
    imported_by uuid not null,
    imported_at timestamptz not null,
    unique (gateway, sha256)
);
grant select, insert on gateways.settlements to {{server}};

create table gateways.settlement_lines (
    settlement_id uuid not null references gateways.settlements (id),
    line integer not null, -- of the file, whose heading is 1
    gateway text not null,
    reference text not null, -- the gateway's own id of the movement
    kind text not null check (kind in ('charge', 'refund', 'other')),
    type text not null, -- as the gateway calls it
    amount bigint not null,
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    fee bigint,
    fee_currency text,
    happened_at timestamptz not null,
    attempt uuid, -- what it is about
    refund uuid,
    result text not null,
    primary key (settlement_id, line)
);
create index settlement_lines_reference on gateways.settlement_lines (gateway, reference);
create index settlement_lines_attempt on gateways.settlement_lines (attempt) where attempt is not null;
create index settlement_lines_refund on gateways.settlement_lines (refund) where refund is not null;
grant select, insert on gateways.settlement_lines to {{server}};

-- What somebody must look at: a line that is not as we know it (line set), or something of ours that the gateway's file lacks (line null).
create table gateways.settlement_exceptions (
    id uuid primary key,
    settlement_id uuid not null references gateways.settlements (id),
    line integer,
    gateway text not null,
    kind text not null,
    attempt uuid,
    refund uuid,
    reference text,
    expected bigint, -- minor units, as we have it
    expected_currency text,
    found bigint, -- as the gateway has it
    found_currency text,
    state text not null default 'open' check (state in ('open', 'resolved')),
    reason text,
    resolved_by uuid, -- null: a later file had it
    resolved_at timestamptz,
    created_at timestamptz not null,
    check ((state = 'open') = (resolved_at is null)),
    check ((state = 'resolved') = (reason is not null))
);
create index settlement_exceptions_state on gateways.settlement_exceptions (state, id);
create index settlement_exceptions_settlement on gateways.settlement_exceptions (settlement_id);
create unique index settlement_exceptions_missing_attempt on gateways.settlement_exceptions (attempt) where line is null and refund is null;
create unique index settlement_exceptions_missing_refund on gateways.settlement_exceptions (refund) where line is null and refund is not null;
grant select, insert, update (state, reason, resolved_by, resolved_at) on gateways.settlement_exceptions to {{server}};
