create schema admin;
grant usage on schema admin to {{server}};

-- Money moved by hand: one of finance proposes, another one decides, and only the decision moves anything.
create table admin.adjustments (
    id uuid primary key,
    from_account bigint not null,
    to_account bigint not null check (to_account <> from_account),
    amount bigint not null check (amount between 1 and 1000000000000000),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    reason text not null check (length(reason) between 10 and 500),
    proposed_by uuid not null,
    proposed_at timestamptz not null,
    expires_at timestamptz not null, -- not approved from then on
    --------
    state text not null default 'proposed' check (state in ('proposed', 'approved', 'rejected')),
    decided_by uuid,
    decided_at timestamptz,
    note text, -- why it was rejected
    posting uuid unique,
    check ((state = 'proposed') = (decided_by is null) and (state = 'proposed') = (decided_at is null)),
    check ((state = 'approved') = (posting is not null)),
    check (state <> 'approved' or decided_by <> proposed_by) -- four eyes
);
create index adjustments_open on admin.adjustments (id) where state = 'proposed';
grant select, insert on admin.adjustments to {{server}};
grant update (state, decided_by, decided_at, note, posting) on admin.adjustments to {{server}};
