-- One-time tokens that make a signed-in person an admin; made at the console, printed once.
create table identity.admin_tokens (
    hash bytea primary key, -- SHA-256 of 256 random bits
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    used_by uuid references identity.people (id),
    constraint admin_tokens_used_whole check ((used_at is null) = (used_by is null))
);
grant select, insert on identity.admin_tokens to {{server}};
grant update (used_at, used_by) on identity.admin_tokens to {{server}};

-- Staff look for people by the beginning of what names them.
create index people_username_prefix on identity.people (lower(username) text_pattern_ops);
create index people_email_prefix on identity.people (lower(email) text_pattern_ops);
create index people_phone_prefix on identity.people (phone text_pattern_ops);
create index people_first_name_prefix on identity.people (lower(first_name) text_pattern_ops);
create index people_last_name_prefix on identity.people (lower(last_name) text_pattern_ops);
create index people_full_name_prefix on identity.people (lower(first_name || ' ' || last_name) text_pattern_ops);
