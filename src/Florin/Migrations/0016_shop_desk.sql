-- What a merchant may set of a shop.
alter table shops.shops
    add column default_currency text not null default 'USD' check (default_currency ~ '^[A-Z]{3}$'),
    add column refund_limits jsonb not null default '{}', -- {"KZT": minor units}: what cashiers may pay back of one payment in all; nothing else
    add column picture text, -- a file name of ours
    add column picture_type text,
    add column bills_numbered bigint not null default 0, -- the last number that a bill drew; some are never used
    add constraint shops_picture_whole check ((picture is null) = (picture_type is null));
alter table shops.shops alter column default_currency drop default;
grant update (default_currency, refund_limits, picture, picture_type, bills_numbered) on shops.shops to {{server}};

-- Somebody would like a shop. What stands above the line never changes.
create table shops.applications (
    id uuid primary key,
    person_id uuid not null,
    name text not null check (length(name) between 1 and 60),
    created_at timestamptz not null,
    --------
    state text not null check (state in ('pending', 'approved', 'refused')),
    shop_id uuid references shops.shops (id) deferrable initially deferred, -- the shop that came of it, made in the same transaction
    decided_by uuid, -- null: by itself, in a sandbox
    decided_at timestamptz,
    note text,
    check ((state = 'pending') = (decided_at is null)),
    check ((state = 'approved') = (shop_id is not null))
);
create unique index applications_pending on shops.applications (person_id) where state = 'pending';
create index applications_person on shops.applications (person_id, id);
create index applications_open on shops.applications (id) where state = 'pending';
grant select, insert, update (state, shop_id, decided_by, decided_at, note) on shops.applications to {{server}};

-- Somebody is asked to work in a shop, or to be its customer. Of several to one address the newest is good, once.
create table shops.invitations (
    id uuid primary key,
    shop_id uuid not null references shops.shops (id),
    kind text not null check (kind in ('cashier', 'customer')),
    invited text, -- as the shop typed it; null once the account is gone
    person_id uuid, -- the only person who may accept, where a username was typed
    destination_hash bytea not null, -- keyed hash of where it was sent
    code_hash bytea not null unique, -- keyed hash of 80 random bits
    invited_by uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    accepted_at timestamptz,
    accepted_by uuid,
    withdrawn_at timestamptz,
    check ((accepted_at is null) = (accepted_by is null))
);
create index invitations_shop on shops.invitations (shop_id, id);
create index invitations_destination on shops.invitations (destination_hash, created_at);
create index invitations_expired on shops.invitations (expires_at);
grant select, insert, delete, update (accepted_at, accepted_by, withdrawn_at, invited) on shops.invitations to {{server}};

-- Whom a shop may bill.
create table shops.customers (
    id uuid primary key,
    shop_id uuid not null references shops.shops (id),
    person_id uuid not null,
    since timestamptz not null,
    constraint customers_once unique (shop_id, person_id)
);
create index customers_shop on shops.customers (shop_id, id);
create index customers_person on shops.customers (person_id);
grant select, insert, delete on shops.customers to {{server}};

-- A bill has the id of its payment, which knows everything else: amount, note, state.
create table shops.bills (
    id uuid primary key,
    legacy_number bigint not null generated always as identity unique, -- the small integer id of the old clients
    shop_id uuid not null references shops.shops (id),
    number bigint not null check (number > 0), -- as the shop counts them
    customer_id uuid not null,
    constraint bills_number unique (shop_id, number)
);
create index bills_shop on shops.bills (shop_id, id);
create index bills_shop_customer on shops.bills (shop_id, customer_id, id);
create index bills_customer on shops.bills (customer_id, id);
grant select, insert on shops.bills to {{server}};
