-- Sessions of pages: the cookie holds the session's token, which does not rotate, since a browser asks for many things at once.
alter table identity.sessions drop constraint sessions_kind_check;
alter table identity.sessions add constraint sessions_kind_check check (kind in ('rotating', 'fixed', 'page'));
grant update (kind) on identity.sessions to {{server}};
