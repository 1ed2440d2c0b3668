-- Whose call a kept answer was, so that what it says goes when its person goes. No index: rows are inserted by the thousand a second, and sought once a
-- person's life. The row itself stays for its time: without it a repeated call would be a new one.
alter table platform.idempotency add column owner uuid; -- null: kept by an older version
grant update (body) on platform.idempotency to {{server}};

-- People whose account has ended and whose kept answers are to be emptied; by a job, so that many are sought by one look at the table.
create table platform.ended_owners (
    owner uuid primary key,
    ended_at timestamptz not null
);
grant select, insert, delete on platform.ended_owners to {{server}};
