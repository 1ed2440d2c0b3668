create schema vouchers;
grant usage on schema vouchers to {{server}};

-- What can be bought. A sale copies price, uses and validity, so that a change touches nothing that was sold.
create table vouchers.types (
    id uuid primary key,
    legacy_number bigint not null generated always as identity unique, -- the small integer id of the old clients
    code text not null unique check (code ~ '^[a-z0-9_]{1,50}$'),
    name text not null check (length(name) between 1 and 100),
    description text not null check (length(description) <= 2000),
    service_type text not null check (service_type ~ '^[a-z0-9_]{1,50}$'), -- who verifies this service redeems it
    prices jsonb not null, -- {"USD": minor units}
    validity_days integer not null check (validity_days between 1 and 3650),
    uses integer not null check (uses between 1 and 1000),
    stock integer check (stock >= 0), -- how many can still be sold; null for any number
    active boolean not null,
    picture text,
    picture_type text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    retired_at timestamptz,
    check ((picture is null) = (picture_type is null)),
    check (retired_at is null or not active)
);
grant select, insert on vouchers.types to {{server}};
grant update (name, description, service_type, prices, validity_days, uses, stock, active, picture, picture_type, updated_at, retired_at)
    on vouchers.types to {{server}};

create table vouchers.discounts (
    id uuid primary key,
    code text not null unique check (code ~ '^[A-Z0-9_-]{3,50}$'),
    description text not null check (length(description) <= 200),
    percent_bps integer check (percent_bps between 1 and 10000), -- hundredths of a per cent of what all vouchers of a payment cost
    amounts jsonb, -- or a sum off it: {"USD": minor units}
    types uuid[], -- which types it is for; null for all
    valid_from timestamptz not null,
    valid_until timestamptz not null check (valid_until > valid_from),
    max_uses integer check (max_uses >= 1), -- in all; null for any number
    max_per_person integer check (max_per_person >= 1),
    uses integer not null check (uses >= 0),
    active boolean not null,
    created_at timestamptz not null,
    check ((percent_bps is null) <> (amounts is null))
);
grant select, insert, update (description, valid_from, valid_until, max_uses, max_per_person, uses, active) on vouchers.discounts to {{server}};

-- How often somebody bought with a discount.
create table vouchers.discount_people (
    discount_id uuid not null references vouchers.discounts (id),
    person_id uuid not null,
    uses integer not null check (uses >= 1),
    primary key (discount_id, person_id)
);
grant select, insert, update (uses) on vouchers.discount_people to {{server}};

-- What stands above the line never changes, but for owner and code when it is given away.
create table vouchers.vouchers (
    id uuid primary key,
    type_id uuid not null references vouchers.types (id),
    payment_id uuid not null,
    place integer not null check (place >= 1), -- among those of its payment
    bought_by uuid not null,
    name text not null, -- of the type
    service_type text not null,
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    price bigint not null check (price > 0), -- before any discount
    paid bigint not null check (paid >= 0), -- its share of what was paid
    uses integer not null check (uses >= 1),
    issued_at timestamptz not null,
    code text not null unique check (code ~ '^[2-9A-HJKMNP-Z]{12}$'),
    owner uuid, -- null where their account ended
    --------
    state text not null check (state in ('active', 'used', 'expired', 'cancelled')),
    uses_left integer not null check (uses_left between 0 and uses),
    expires_at timestamptz not null,
    last_used_at timestamptz,
    ended_at timestamptz,
    refund_id uuid, -- what cancelled it
    refunded bigint not null default 0 check (refunded between 0 and paid),
    reminded_at timestamptz,
    -- What of it the ledger's voucher liability holds: each use earns the same whole number of minor units, the last one what is left over.
    outstanding bigint not null generated always as (case when state = 'active' then paid - (uses - uses_left) * (paid / uses) else 0 end) stored,
    unique (payment_id, place),
    check ((state = 'used') = (uses_left = 0)),
    check ((state = 'active') = (ended_at is null)),
    check ((state = 'cancelled') = (refund_id is not null)),
    check (state = 'cancelled' or refunded = 0)
);
create index vouchers_owner on vouchers.vouchers (owner, id);
create index vouchers_due on vouchers.vouchers (expires_at) where state = 'active';
create index vouchers_outstanding on vouchers.vouchers (currency) include (outstanding) where state = 'active';
create index vouchers_refund on vouchers.vouchers (refund_id) where refund_id is not null;
grant select, insert on vouchers.vouchers to {{server}};
grant update (code, owner, state, uses_left, expires_at, last_used_at, ended_at, refund_id, refunded, reminded_at) on vouchers.vouchers to {{server}};

create table vouchers.redemptions (
    id uuid primary key,
    voucher_id uuid not null references vouchers.vouchers (id),
    owner uuid, -- whose it was then
    redeemed_by uuid, -- the owner, or who verified it
    service_type text not null,
    service_data jsonb not null,
    amount bigint not null check (amount >= 0), -- what it earned, in the voucher's currency
    redeemed_at timestamptz not null,
    --------
    undone_at timestamptz,
    undone_by uuid,
    undone_why text
);
create index redemptions_voucher on vouchers.redemptions (voucher_id, id);
create index redemptions_owner on vouchers.redemptions (owner, id);
create index redemptions_redeemed_by on vouchers.redemptions (redeemed_by, id);
grant select, insert, update (owner, redeemed_by, service_data, undone_at, undone_by, undone_why) on vouchers.redemptions to {{server}};

-- What became of each voucher, for ever.
create table vouchers.history (
    id uuid primary key,
    voucher_id uuid not null references vouchers.vouchers (id),
    kind text not null check (kind in ('issued', 'redeemed', 'undone', 'given', 'cancelled', 'restored', 'expired')),
    at timestamptz not null,
    uses_left integer not null
);
create index history_voucher on vouchers.history (voucher_id, id);
grant select, insert on vouchers.history to {{server}};

-- Who may redeem other people's vouchers of a service.
create table vouchers.verifiers (
    service_type text not null check (service_type ~ '^[a-z0-9_]{1,50}$'),
    person_id uuid not null,
    granted_by uuid not null,
    granted_at timestamptz not null,
    primary key (service_type, person_id)
);
create index verifiers_person on vouchers.verifiers (person_id);
grant select, insert, delete on vouchers.verifiers to {{server}};
