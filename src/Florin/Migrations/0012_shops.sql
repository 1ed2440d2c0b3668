create schema shops;
grant usage on schema shops to {{server}};

-- What the house takes of a sale: a share, and a fixed sum per currency.
create table shops.plans (
    name text primary key check (name ~ '^[a-z0-9_-]{1,40}$'),
    percent_bps integer not null check (percent_bps between 0 and 5000), -- hundredths of a per cent
    fixed jsonb not null, -- {"KZT": minor units}
    updated_at timestamptz not null
);
insert into shops.plans values ('standard', 0, '{}', now());
grant select, insert, update (percent_bps, fixed, updated_at) on shops.plans to {{server}};

create table shops.shops (
    id uuid primary key,
    legacy_number bigint not null generated always as identity unique, -- the small integer id of the old clients
    owner uuid not null,
    name text not null check (length(name) between 1 and 60),
    plan text not null references shops.plans (name),
    created_at timestamptz not null,
    closed_at timestamptz
);
create index shops_owner on shops.shops (owner, id);
grant select, insert, update (name, plan, closed_at) on shops.shops to {{server}};

-- Who works in a shop besides its owner.
create table shops.members (
    shop_id uuid not null references shops.shops (id),
    person_id uuid not null,
    since timestamptz not null,
    primary key (shop_id, person_id)
);
create index members_person on shops.members (person_id);
grant select, insert, delete on shops.members to {{server}};

-- The settlement account, which sales credit, and the drawer, which notes go into: one of each per currency.
create table shops.accounts (
    shop_id uuid not null references shops.shops (id),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    settlement_id bigint not null unique,
    drawer_id bigint not null unique,
    constraint shops_accounts_pkey primary key (shop_id, currency)
);
grant select, insert on shops.accounts to {{server}};
