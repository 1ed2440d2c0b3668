create schema activity;
grant usage on schema activity to {{server}};

create table activity.entries (
    id uuid primary key,
    at timestamptz not null,
    actor uuid,
    subject uuid,
    action text not null,
    address inet,
    request_id text,
    details jsonb not null
);
create index entries_subject on activity.entries (subject, id);
create index entries_action on activity.entries using brin (at);
grant select, insert on activity.entries to {{server}};

create function activity.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'activity is append-only' using errcode = 'restrict_violation';
end $$;
create trigger entries_append_only before update or delete or truncate on activity.entries
    for each statement execute function activity.refuse_change();
