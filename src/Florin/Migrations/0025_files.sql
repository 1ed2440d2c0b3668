-- Paid work on files. What a credit is worth stands in the ledger's file credit liability: price × (available + held) over all lots.
create schema files;
grant usage on schema files to {{server}};

-- The credits that one payment bought. One is held while a file is worked on, spent when it is done, and available again when it failed.
create table files.credit_lots (
    payment_id uuid primary key,
    person_id uuid not null,
    service text not null,
    price bigint not null check (price > 0), -- of one credit, minor units
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    bought integer not null check (bought between 1 and 100),
    available integer not null check (available >= 0),
    held integer not null default 0 check (held >= 0),
    spent integer not null default 0 check (spent >= 0),
    refunded integer not null default 0 check (refunded >= 0),
    bought_at timestamptz not null,
    check (available + held + spent + refunded = bought)
);
create index credit_lots_person on files.credit_lots (person_id, service, bought_at);
grant select, insert, update (available, held, spent, refunded) on files.credit_lots to {{server}};

-- What lies in the storage. A name stands here before its first byte is written, so that nothing is left behind that nobody knows of.
create table files.blobs (
    name text primary key check (name ~ '^[0-9a-f]{64}$'),
    state text not null default 'arriving' check (state in ('arriving', 'kept', 'doomed')),
    since timestamptz not null
);
create index blobs_passing on files.blobs (since) where state <> 'kept';
grant select, insert, update (state, since), delete on files.blobs to {{server}};

-- Processing: due_at says when it may be worked on; whoever does holds the lease until then.
create table files.files (
    id uuid primary key,
    person_id uuid not null,
    lot_id uuid not null references files.credit_lots (payment_id),
    service text not null,
    filename text not null check (length(filename) between 1 and 255),
    size bigint not null check (size > 0),
    sha256 bytea not null check (length(sha256) = 32),
    blob text, -- null once it is deleted
    state text not null default 'processing' check (state in ('processing', 'completed', 'failed')),
    progress smallint not null default 0 check (progress between 0 and 100),
    result jsonb,
    failure text,
    tries integer not null default 0,
    due_at timestamptz,
    lease uuid,
    uploaded_at timestamptz not null,
    ended_at timestamptz,
    deleted_at timestamptz,
    check ((state = 'processing') = (ended_at is null)),
    check ((state = 'processing') = (due_at is not null)),
    check ((state = 'completed') = (result is not null)),
    check ((state = 'failed') = (failure is not null)),
    check (deleted_at is null or state <> 'processing')
);
create index files_person on files.files (person_id, id) where deleted_at is null;
create index files_due on files.files (due_at) where state = 'processing';
grant select, insert, update (filename, blob, state, progress, result, failure, tries, due_at, lease, ended_at, deleted_at) on files.files to {{server}};
