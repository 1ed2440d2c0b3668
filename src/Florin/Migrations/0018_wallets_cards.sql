-- What a person holds to a reader at a till: a token that stands for one of their wallets. Only its hash is kept.
create table wallets.cards (
    id uuid primary key,
    person_id uuid not null,
    wallet_id uuid not null references wallets.wallets (id),
    name text not null check (length(name) between 1 and 30),
    hash bytea not null unique check (length(hash) = 32),
    currency text not null check (currency ~ '^[A-Z]{3}$'), -- the wallet's
    pin_limit bigint not null check (pin_limit >= 0), -- above it the PIN is asked
    day_limit bigint not null check (day_limit > 0), -- what it pays in a day (UTC), PIN or not
    day_payments integer not null check (day_payments > 0),
    used_on date,
    used_sum bigint not null default 0, -- on that day
    used_payments integer not null default 0,
    created_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz,
    check (used_sum between 0 and day_limit and used_payments between 0 and day_payments)
);
create index cards_person on wallets.cards (person_id, id);
grant select, insert, update (name, used_on, used_sum, used_payments, last_used_at, revoked_at) on wallets.cards to {{server}};

-- A tap above the card's limit: good for one payment at one till, with the PIN, for a short time. A payment's amount never changes.
create table wallets.card_tickets (
    id uuid primary key,
    hash bytea not null unique check (length(hash) = 32),
    card_id uuid not null references wallets.cards (id),
    payment_id uuid not null,
    till uuid not null, -- the person who took the tap
    expires_at timestamptz not null,
    used_at timestamptz
);
create index card_tickets_card on wallets.card_tickets (card_id, expires_at);
grant select, insert, delete, update (used_at) on wallets.card_tickets to {{server}};

-- Taps of cards that nobody has, by the person at the till.
create table wallets.card_misses (
    till uuid primary key,
    since timestamptz not null,
    misses integer not null check (misses > 0)
);
grant select, insert, update (since, misses) on wallets.card_misses to {{server}};
