-- The small integer ids that the old systems' clients know things by. People have theirs in their own table.
create schema compat;
grant usage on schema compat to {{server}};

-- One row a kind, which whoever gives a new id holds: ids of a kind have no holes that a race made, and none twice.
create table compat.kinds (
    kind text primary key check (kind ~ '^[a-z_.]{1,40}$'),
    last_number bigint not null default 0 check (last_number >= 0)
);
grant select, insert, update (last_number) on compat.kinds to {{server}};

create table compat.ids (
    kind text not null references compat.kinds (kind),
    id uuid not null,
    number bigint not null check (number > 0),
    primary key (kind, id),
    unique (kind, number)
);
grant select, insert on compat.ids to {{server}};
