-- Passkeys (WebAuthn): a public key whose private half never leaves the person's device.
create table identity.passkeys (
    id uuid primary key,
    person_id uuid not null references identity.people (id),
    credential_id bytea not null unique check (length(credential_id) between 1 and 1023),
    public_key bytea not null, -- COSE
    name text not null check (length(name) between 1 and 60),
    sign_count bigint not null,
    transports text[] not null,
    backup_eligible boolean not null,
    backed_up boolean not null,
    attestation bytea not null,
    client_data bytea not null,
    created_at timestamptz not null,
    last_used_at timestamptz
);
create index passkeys_person on identity.passkeys (person_id, id);
grant select, insert, delete, update (sign_count, backed_up, last_used_at) on identity.passkeys to {{server}};

-- Questions that were answered: each is good once.
create table identity.passkey_answers (
    hash bytea primary key, -- SHA-256 of the question
    expires_at timestamptz not null
);
create index passkey_answers_expired on identity.passkey_answers (expires_at);
grant select, insert, delete on identity.passkey_answers to {{server}};
