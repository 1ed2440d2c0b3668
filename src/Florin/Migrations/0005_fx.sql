-- Exchange rates and quotes.
create schema fx;
grant usage on schema fx to {{server}};

-- The rates in use: units of quote for one unit of base.
create table fx.rates (
    base text not null check (base ~ '^[A-Z]{3}$'),
    quote text not null check (quote ~ '^[A-Z]{3}$'),
    rate numeric(28, 12) not null check (rate > 0),
    fetched_at timestamptz not null,
    source text not null,
    primary key (base, quote)
);
grant select, insert, update (rate, fetched_at, source) on fx.rates to {{server}};

-- Fetched rates that are too far from the rate in use to be believed yet.
create table fx.suspect_rates (
    base text not null,
    quote text not null,
    rate numeric(28, 12) not null check (rate > 0),
    first_seen_at timestamptz not null,
    fetched_at timestamptz not null,
    times integer not null check (times > 0), -- in so many fetches in a row
    source text not null,
    primary key (base, quote),
    foreign key (base, quote) references fx.rates (base, quote)
);
grant select, insert, update (rate, first_seen_at, fetched_at, times, source), delete on fx.suspect_rates to {{server}};

-- Conversions promised to a person until they expire. Amounts in minor units.
create table fx.quotes (
    id uuid primary key,
    person uuid not null,
    source_currency text not null check (source_currency ~ '^[A-Z]{3}$'),
    target_currency text not null check (target_currency ~ '^[A-Z]{3}$'),
    source_amount bigint not null check (source_amount > 0),
    target_amount bigint not null check (target_amount > 0),
    cost bigint not null check (cost > 0), -- what the FX position takes of the source amount
    spread bigint not null check (spread >= 0), -- what is earned
    remainder bigint not null check (remainder >= 0), -- what rounding leaves
    mid numeric not null check (mid > 0),
    spread_bps integer not null check (spread_bps between 0 and 5000),
    rate_at timestamptz not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    state text not null default 'open' check (state in ('open', 'used')),
    used_by uuid,
    used_at timestamptz,
    check (source_currency <> target_currency),
    check (source_amount = cost + spread + remainder),
    check ((state = 'used') = (used_by is not null) and (state = 'used') = (used_at is not null)),
    check (used_at < expires_at)
);
create index quotes_unused on fx.quotes (expires_at) where state = 'open';
grant select, insert, update (state, used_by, used_at), delete on fx.quotes to {{server}};
