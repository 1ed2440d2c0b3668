#!/usr/bin/env bash
# The two roles and the database of docs/operations.md: one owns and migrates, the other serves and has no DDL. Runs psql as whoever may make them;
# compose.yaml has PostgreSQL's image run it. Wants FLORIN_OWNER_PASSWORD and FLORIN_SERVER_PASSWORD.
set -euo pipefail
: "${FLORIN_OWNER_PASSWORD:?}" "${FLORIN_SERVER_PASSWORD:?}"
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv owner FLORIN_OWNER_PASSWORD
\getenv server FLORIN_SERVER_PASSWORD
create role florin_owner login password :'owner';
create role florin login password :'server';
create database florin owner florin_owner encoding 'UTF8' locale 'C.UTF-8' template template0;
revoke connect on database florin from public;
grant connect on database florin to florin;
SQL
