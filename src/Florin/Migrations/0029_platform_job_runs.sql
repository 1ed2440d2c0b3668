-- How each recurring job ended last, and who wants it run now. One row a job, written by whichever server runs it.
create table platform.job_runs (
    name text primary key,
    requested_at timestamptz, -- run it now; taken back by the server that does
    started_at timestamptz,
    ended_at timestamptz, -- null while it runs, or where its server died
    outcome text check (outcome in ('completed', 'failed', 'stopped')),
    error text, -- of a failed run: the fault's class and message
    failures integer not null default 0, -- in a row
    check ((outcome is null) = (ended_at is null))
);
grant select, insert, update on platform.job_runs to {{server}};

-- Staff send on what could not be delivered.
create index outbox_parked_dead on platform.outbox_parked (dead_at) where dead_at is not null;
