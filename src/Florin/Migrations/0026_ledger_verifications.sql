-- What each recount of the whole book found, for ever.
create table ledger.verifications (
    id bigint primary key generated always as identity,
    began_at timestamptz not null,
    ended_at timestamptz not null check (ended_at >= began_at),
    entries bigint not null check (entries >= 0), -- how many it looked at
    broken integer not null check (broken >= 0), -- how many invariants did not hold
    first_broken text,
    check ((broken = 0) = (first_broken is null))
);
grant select, insert on ledger.verifications to {{server}};
