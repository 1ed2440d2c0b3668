-- A try of a PIN is counted before it is compared: those being compared now, and when the last of them began. What a server that died was comparing counts
-- as wrong.
alter table identity.people add column pin_pending integer not null default 0 check (pin_pending >= 0), add column pin_tried_at timestamptz;
grant update (pin_pending, pin_tried_at) on identity.people to {{server}};
