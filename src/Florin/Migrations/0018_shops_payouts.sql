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
