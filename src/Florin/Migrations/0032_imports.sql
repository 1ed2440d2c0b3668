create schema imports;
grant usage on schema imports to {{server}};

-- What was taken from which system, so that nothing is taken twice, and a later copy of the same database brings only what is new in it.
create table imports.taken (
    source text not null check (source ~ '^[a-z0-9-]{1,40}$'), -- the name that the operator gave the old system
    kind text not null check (kind in ('person', 'wallet', 'shop', 'bill', 'voucher', 'credits')),
    key text not null, -- the old system's primary key
    target uuid not null, -- what it is here
    taken_at timestamptz not null,
    constraint taken_once primary key (source, kind, key)
);
grant select, insert on imports.taken to {{server}};
