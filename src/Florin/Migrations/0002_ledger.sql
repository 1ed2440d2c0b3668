-- The book. The server may add to it and never change what stands in it.
create schema ledger;
grant usage on schema ledger to {{server}};

create sequence ledger.account_ids;
-- House accounts have ids above all others, so that sorted locking takes these hot rows last and holds them shortest.
create sequence ledger.house_account_ids minvalue 4611686018427387904;
grant usage on sequence ledger.account_ids, ledger.house_account_ids to {{server}};

create table ledger.accounts (
    id bigint primary key,
    currency text not null,
    kind text not null,
    code text, -- house accounts: kind and currency, such as fee_revenue:KZT
    floor bigint, -- available may not fall below; null: no floor (the other side of the world)
    balance bigint not null default 0,
    held bigint not null default 0 check (held >= 0),
    seq bigint not null default 0 check (seq >= 0),
    flags integer not null default 0,
    arrears bigint not null default 0 check (arrears >= 0),
    arrears_to bigint references ledger.accounts (id),
    proof_limit bigint check (proof_limit >= 0),
    last_posted_at timestamptz not null default '-infinity',
    opened_at timestamptz not null,
    check (floor is null or balance - held >= floor),
    check (arrears = 0 or arrears_to is not null)
) with (fillfactor = 50);
create unique index accounts_code on ledger.accounts (code) where code is not null;
grant select, insert on ledger.accounts to {{server}};
grant update (balance, held, seq, flags, arrears, arrears_to, proof_limit, last_posted_at) on ledger.accounts to {{server}};

create table ledger.postings (
    id uuid primary key,
    kind text not null,
    reference text,
    metadata jsonb,
    posted_at timestamptz not null,
    occurred_at timestamptz, -- null: when it was posted
    entries bigint[] not null, -- account, seq, account, seq …: its entries' keys, instead of an index on entries
    check (occurred_at <= posted_at)
);
create index postings_reference on ledger.postings (reference) where reference is not null;
grant select, insert on ledger.postings to {{server}};

create table ledger.entries (
    account_id bigint not null,
    seq bigint not null check (seq > 0),
    posting_id uuid not null,
    amount bigint not null check (amount <> 0),
    balance_after bigint not null,
    posted_at timestamptz not null,
    occurred_at timestamptz, -- null: when it was posted
    primary key (account_id, seq)
);
create index entries_backdated on ledger.entries (account_id, occurred_at) where occurred_at is not null;
grant select, insert on ledger.entries to {{server}};

create table ledger.holds (
    id uuid primary key,
    account_id bigint not null references ledger.accounts (id),
    amount bigint not null check (amount > 0),
    captured bigint not null default 0 check (captured between 0 and amount),
    state text not null default 'open' check (state in ('open', 'captured', 'released', 'expired')),
    reference text,
    placed_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    check ((state = 'open') = (ended_at is null))
);
create index holds_open on ledger.holds (account_id) where state = 'open';
create index holds_due on ledger.holds (expires_at) where state = 'open';
grant select, insert, update (captured, state, ended_at) on ledger.holds to {{server}};

-- One row per writer, with the batch that it committed last: the proof of what became of a COMMIT whose answer was lost. Transaction ids
-- are no proof: after a crash PostgreSQL gives one that left no trace on disk to another transaction.
create table ledger.writers (
    id uuid primary key,
    last_batch uuid not null,
    last_at timestamptz not null
) with (fillfactor = 50);
grant select, insert, delete, update (last_batch, last_at) on ledger.writers to {{server}};

create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the book is append-only: % on %.% is refused', tg_op, tg_table_schema, tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger entries_append_only before update or delete or truncate on ledger.entries
    for each statement execute function ledger.refuse_change();
create trigger postings_append_only before update or delete or truncate on ledger.postings
    for each statement execute function ledger.refuse_change();
create trigger accounts_kept before delete or truncate on ledger.accounts
    for each statement execute function ledger.refuse_change();

-- What a posting gives it takes, in each currency. Entries of one posting arrive in one statement.
create function ledger.check_zero_sum() returns trigger language plpgsql as $$
declare
    broken uuid;
begin
    select added.posting_id into broken
    from added join ledger.accounts on accounts.id = added.account_id
    group by added.posting_id, accounts.currency having sum(added.amount) <> 0 limit 1;
    if found then
        raise exception 'the entries of posting % do not sum to zero', broken using errcode = 'check_violation';
    end if;
    return null;
end $$;
create trigger entries_zero_sum after insert on ledger.entries
    referencing new table as added for each statement execute function ledger.check_zero_sum();

-- A balance moves by its new entries and by nothing else, and seq counts them without a gap.
create function ledger.check_balance() returns trigger language plpgsql as $$
declare
    broken bigint;
begin
    select after.id into broken
    from after join before on before.id = after.id
    cross join lateral (
        select count(*) as entries, coalesce(sum(e.amount), 0) as amount
        from ledger.entries e where e.account_id = after.id and e.seq > before.seq and e.seq <= after.seq
    ) added
    where (after.balance, after.seq) is distinct from (before.balance, before.seq)
        and (after.seq - before.seq <> added.entries or after.balance - before.balance <> added.amount)
    limit 1;
    if found then
        raise exception 'the balance of account % does not follow from its entries', broken using errcode = 'check_violation';
    end if;
    return null;
end $$;
create trigger accounts_follow_entries after update on ledger.accounts
    referencing old table as before new table as after for each statement execute function ledger.check_balance();

-- Here and not as a check, which every update of the row would pay for.
create function ledger.check_opening() returns trigger language plpgsql as $$
begin
    if new.currency !~ '^[A-Z]{3}$' then
        raise exception 'account % has no currency', new.id using errcode = 'check_violation';
    end if;
    if new.balance <> 0 or new.held <> 0 or new.seq <> 0 then
        raise exception 'account % must open empty', new.id using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger accounts_open_empty before insert on ledger.accounts for each row execute function ledger.check_opening();
