create schema identity;
grant usage on schema identity to {{server}};

-- People of all kinds. A row is never deleted: deleting a person clears what names them, so that money keeps its owner.
create table identity.people (
    id uuid primary key,
    number bigint not null generated always as identity unique, -- the small integer id of the old clients
    username text, -- as typed; unique without regard to case
    email text,
    email_verified_at timestamptz,
    phone text, -- E.164 with +
    phone_verified_at timestamptz,
    contact_number text, -- a number as an old client gave it; no login
    first_name text not null default '',
    last_name text not null default '',
    password_hash text, -- null: cannot sign in by password
    roles text[] not null,
    date_of_birth date,
    student_id text,
    institution text,
    graduation_year integer,
    bio text,
    location text,
    website text,
    address text,
    notification_preferences jsonb not null default '{}',
    privacy_settings jsonb not null default '{}',
    locale text,
    picture text, -- a file name of ours
    picture_type text,
    is_verified boolean not null default false,
    pin_hash text,
    pin_failures integer not null default 0 check (pin_failures >= 0),
    pin_locked_at timestamptz,
    totp_secret bytea, -- encrypted
    totp_enabled_at timestamptz,
    totp_last_step bigint,
    recovery_code_hashes text[] not null default '{}',
    created_by_shop uuid, -- a shop made this person and set the password, which stands until the person claims the account
    claimed_at timestamptz,
    sign_in_failures integer not null default 0 check (sign_in_failures >= 0),
    locked_until timestamptz,
    last_signed_in_at timestamptz,
    deactivated_at timestamptz,
    deleted_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint people_roles_known check (roles <@ array['customer', 'merchant', 'cashier', 'support', 'finance', 'auditor', 'admin']),
    constraint people_phone_e164 check (phone ~ '^\+[1-9][0-9]{7,14}$'),
    constraint people_have_login check (deleted_at is not null or username is not null or email is not null or phone is not null),
    constraint people_deleted_unnamed check (deleted_at is null or (username is null and email is null and phone is null and password_hash is null))
);
create unique index people_username on identity.people (lower(username));
create unique index people_email on identity.people (lower(email));
create unique index people_phone on identity.people (phone);
grant select, insert on identity.people to {{server}};
grant update (username, email, email_verified_at, phone, phone_verified_at, contact_number, first_name, last_name, password_hash, roles,
    date_of_birth, student_id, institution, graduation_year, bio, location, website, address, notification_preferences, privacy_settings,
    locale, picture, picture_type, is_verified, pin_hash, pin_failures, pin_locked_at, totp_secret, totp_enabled_at, totp_last_step,
    recovery_code_hashes, created_by_shop, claimed_at, sign_in_failures, locked_until, last_signed_in_at, deactivated_at, deleted_at,
    updated_at) on identity.people to {{server}};

-- A sign-in. Its id is the sid of the access tokens and the family of the refresh tokens.
create table identity.sessions (
    id uuid primary key,
    person_id uuid not null references identity.people (id),
    kind text not null check (kind in ('rotating', 'fixed')), -- fixed: the refresh token lives a day and does not rotate, for old clients
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    expires_at timestamptz not null,
    fresh_at timestamptz not null, -- the last proof of the password or second factor
    revoked_at timestamptz,
    revoked_in xid8, -- the revoking transaction, so that every server reads each revocation once and misses none
    revoke_reason text,
    address inet,
    user_agent text,
    constraint sessions_revoked_whole check ((revoked_at is null) = (revoked_in is null) and (revoked_at is null) = (revoke_reason is null))
);
create index sessions_person on identity.sessions (person_id, id);
create index sessions_revoked on identity.sessions (revoked_in) where revoked_in is not null;
create index sessions_expired on identity.sessions (expires_at);
grant select, insert, delete on identity.sessions to {{server}};
grant update (last_used_at, expires_at, fresh_at, revoked_at, revoked_in, revoke_reason) on identity.sessions to {{server}};

create table identity.refresh_tokens (
    hash bytea primary key, -- SHA-256 of 256 random bits
    session_id uuid not null references identity.sessions (id) on delete cascade,
    issued_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index refresh_tokens_session on identity.refresh_tokens (session_id);
grant select, insert, delete on identity.refresh_tokens to {{server}};
grant update (used_at, expires_at) on identity.refresh_tokens to {{server}};

-- Six-digit codes on their way. Consumed by a guarded update, once.
create table identity.codes (
    id uuid primary key,
    purpose text not null, -- registration, password_change, password_reset, pin_reset …
    person_id uuid references identity.people (id),
    channel text not null check (channel in ('email', 'sms')),
    destination_hash bytea not null, -- keyed hash of where it was sent, to count messages to one address
    code_hash bytea not null, -- keyed hash, bound to id and purpose
    payload bytea, -- encrypted: what happens when the code is right
    tries integer not null default 0 check (tries between 0 and 5),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    consumed_at timestamptz
);
create index codes_destination on identity.codes (destination_hash, created_at);
create index codes_person on identity.codes (person_id, purpose) where person_id is not null;
create index codes_expired on identity.codes (expires_at);
grant select, insert, delete on identity.codes to {{server}};
grant update (tries, consumed_at, payload) on identity.codes to {{server}};

-- Wrong sign-ins by source address (an IPv6 network of 64 bits counts as one).
create table identity.sign_in_sources (
    source text primary key,
    failures integer not null check (failures >= 0),
    locked_until timestamptz,
    updated_at timestamptz not null
);
grant select, insert, update, delete on identity.sign_in_sources to {{server}};

-- Devices that signed in before, which a lock of the account or the source does not keep out.
create table identity.known_devices (
    person_id uuid not null references identity.people (id),
    device_hash bytea not null, -- keyed hash of the secret device id
    failures integer not null default 0 check (failures >= 0),
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    primary key (person_id, device_hash)
);
grant select, insert, delete on identity.known_devices to {{server}};
grant update (failures, last_used_at) on identity.known_devices to {{server}};

create table identity.api_keys (
    id uuid primary key,
    person_id uuid not null references identity.people (id),
    name text not null,
    prefix text not null, -- the first characters, to recognise it by
    hash bytea not null unique, -- SHA-256 of the key
    scopes text[] not null,
    created_at timestamptz not null,
    last_used_at timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz
);
create index api_keys_person on identity.api_keys (person_id, id);
grant select, insert on identity.api_keys to {{server}};
grant update (name, last_used_at, revoked_at) on identity.api_keys to {{server}};
