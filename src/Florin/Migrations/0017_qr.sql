-- What a payer was shown before they pay: who takes what from where. It is used by the commit that pays, once, within a minute.
create table payments.challenges (
    id uuid primary key, -- the first 128 bits of its SHA-256: itself it is kept nowhere
    payment_id uuid not null references payments.payments (id), -- and so payee, amount and currency, which never change
    payer uuid not null,
    wallet text not null, -- the public id of the wallet that is to pay
    taken bigint not null check (taken > 0), -- what the payer was told at most, in the wallet's currency
    expires_at timestamptz not null,
    used_at timestamptz
);
create index challenges_expires_at on payments.challenges (expires_at);
grant select, insert, delete on payments.challenges to {{server}};
grant update (used_at) on payments.challenges to {{server}};
