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

-- Where a shop's money may go. The numbers are encrypted, and erased with the account; what is shown is masked.
create table shops.bank_accounts (
    id uuid primary key,
    shop_id uuid not null references shops.shops (id),
    shown text not null, -- the last four
    sealed bytea,
    added_by uuid not null,
    created_at timestamptz not null,
    closed_at timestamptz,
    check ((closed_at is null) = (sealed is not null))
);
create index bank_accounts_shop on shops.bank_accounts (shop_id, id);
grant select, insert, update (sealed, closed_at) on shops.bank_accounts to {{server}};

-- Money on its way from a shop to its bank. What stands above the line never changes.
create table shops.payouts (
    id uuid primary key,
    shop_id uuid not null references shops.shops (id),
    bank_account_id uuid not null references shops.bank_accounts (id),
    amount bigint not null check (amount > 0),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    approvals integer not null check (approvals in (1, 2)), -- how many people must approve it
    requested_by uuid not null,
    requested_at timestamptz not null,
    --------
    state text not null check (state in ('awaiting_approval', 'approved', 'paid', 'failed', 'rejected', 'cancelled')),
    first_approver uuid,
    second_approver uuid,
    approved_at timestamptz,
    ended_by uuid,
    ended_at timestamptz,
    reference text, -- the bank's own number
    reason text, -- why it was rejected or failed
    check (first_approver <> requested_by and second_approver <> requested_by and first_approver <> second_approver),
    check (second_approver is null or first_approver is not null),
    check ((state in ('approved', 'paid', 'failed')) = (approved_at is not null)),
    check (approved_at is null or (first_approver is not null and (approvals = 1 or second_approver is not null))),
    check ((state in ('paid', 'failed', 'rejected', 'cancelled')) = (ended_at is not null))
);
create index payouts_shop on shops.payouts (shop_id, id);
create index payouts_open on shops.payouts (state, id) where state in ('awaiting_approval', 'approved');
create index payouts_bank_account on shops.payouts (bank_account_id) where state in ('awaiting_approval', 'approved');
grant select, insert on shops.payouts to {{server}};
grant update (state, first_approver, second_approver, approved_at, ended_by, ended_at, reference, reason) on shops.payouts to {{server}};

-- What a payee took between two moments.
create index payments_taken on payments.payments (payee, completed_at) where completed_at is not null;
create index refunds_done on payments.refunds (ended_at) where state = 'completed';
