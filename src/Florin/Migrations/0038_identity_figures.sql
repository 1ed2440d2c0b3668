-- What figures ask: how many people there are, who came in a stretch of time, who was here lately, and who is frozen.
create index people_signed_in on identity.people (last_signed_in_at) where deleted_at is null;
create index people_created on identity.people (created_at);
create index people_frozen on identity.people (id) where deleted_at is null and deactivated_at is not null;
