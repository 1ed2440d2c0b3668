-- What a session was proven with besides the password: without it staff have no rights of staff where real money moves.
alter table identity.sessions add column second_factor text check (second_factor in ('totp', 'passkey'));
grant update (second_factor) on identity.sessions to {{server}};

-- What somebody who calls says of themselves: the beginning of a name, an address or a number, or the last digits of the number.
create index people_search_username on identity.people (lower(username) text_pattern_ops);
create index people_search_email on identity.people (lower(email) text_pattern_ops);
create index people_search_first_name on identity.people (lower(first_name) text_pattern_ops);
create index people_search_last_name on identity.people (lower(last_name) text_pattern_ops);
create index people_search_phone on identity.people (reverse(phone) text_pattern_ops);
