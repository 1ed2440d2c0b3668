-- What people chose about messages that are not about security; no row is the usual way.
create table notifications.choices (
    person uuid not null,
    kind text not null check (kind in ('receipts', 'refunds', 'fees', 'money_received', 'sales')),
    channel text not null check (channel in ('email', 'sms', 'off')),
    chosen_at timestamptz not null,
    primary key (person, kind)
);
grant select, insert, delete on notifications.choices to {{server}};
grant update (channel, chosen_at) on notifications.choices to {{server}};

-- Whom a message was written to for what, so that an event that comes twice tells nobody twice. Kept longer than events are.
create table notifications.notices (
    cause text not null, -- what happened, such as payments.completed:pay_0192…
    person uuid not null,
    written_at timestamptz not null,
    primary key (cause, person)
);
create index notices_person on notifications.notices (person);
create index notices_written_at on notifications.notices using brin (written_at);
grant select, insert, delete on notifications.notices to {{server}};

alter table notifications.messages add column html text; -- of an e-mail
