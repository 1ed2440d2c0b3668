create schema wallets;
grant usage on schema wallets to {{server}};

-- How many open wallets each person has: one guarded update decides the limit, however many ask at once.
create table wallets.owners (
    person_id uuid primary key,
    open_wallets integer not null check (open_wallets >= 0)
);
grant select, insert, update (open_wallets) on wallets.owners to {{server}};

-- Whose account it is and what it is called. What it holds stands in the ledger alone.
create table wallets.wallets (
    id uuid primary key,
    legacy_number bigint not null generated always as identity unique, -- the small integer id of the old clients
    person_id uuid not null,
    account_id bigint not null unique, -- the ledger's account
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    number text not null check (number ~ '^[0-9]{10}$'),
    name text not null check (length(name) between 1 and 30),
    created_at timestamptz not null,
    fee_next_due_at timestamptz not null,
    closed_at timestamptz,
    constraint wallets_number unique (number)
);
create unique index wallets_person_currency on wallets.wallets (person_id, currency) where closed_at is null;
create index wallets_person on wallets.wallets (person_id, id);
create index wallets_fee_due on wallets.wallets (fee_next_due_at, id) where closed_at is null;
grant select, insert, update (name, fee_next_due_at, closed_at) on wallets.wallets to {{server}};

-- Money on its way out. Pending: it stands in payout clearing. Paid: it left. Failed: it went back to the wallet.
create table wallets.withdrawals (
    id uuid primary key,
    wallet_id uuid not null references wallets.wallets (id),
    amount bigint not null check (amount > 0),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    note text,
    state text not null default 'pending' check (state in ('pending', 'paid', 'failed')),
    requested_at timestamptz not null,
    ended_at timestamptz,
    check ((state = 'pending') = (ended_at is null))
);
create index withdrawals_wallet on wallets.withdrawals (wallet_id, id);
create index withdrawals_pending on wallets.withdrawals (id) where state = 'pending';
grant select, insert, update (state, ended_at, note) on wallets.withdrawals to {{server}};
