#!/usr/bin/env bash
# Seed 5's README from top to bottom, with curl, on a server in sandbox mode: docs/examples/wallet-api.sh
# FLORIN=http://… names another server than http://localhost:8000.
set -euo pipefail
base=${FLORIN:-http://localhost:8000}
phone=+7701$(date +%N | cut -c1-7)
field() { grep -o "\"$1\":\"\?[^\",}]*" <<<"$body" | head -n 1 | sed "s/\"$1\":\"\?//"; }
call() { # METHOD PATH STATUS [BODY]
  local answer status
  answer=$(curl -s -w '\n%{http_code}' -X "$1" "$base$2" ${token:+-H "Authorization: Bearer $token"} ${4:+-H 'Content-Type: application/json' -d "$4"})
  status=${answer##*$'\n'}
  body=${answer%$'\n'*}
  echo "$1 $2 → $status $body"
  [ "$status" = "$3" ] || { echo "promised: $3" >&2; exit 1; }
}
token=
call POST /users/create/ 201 "{\"email\":\"w${phone#+}@example.org\",\"phone_number\":\"$phone\",\"password\":\"a long enough pass phrase\"}"
session=$(field session_id) code=$(field sandbox_code)
call POST /users/verify/ 201 "{\"session_id\":\"$session\",\"code\":\"$code\"}"
call POST /users/token/create/ 201 "{\"phone_number\":\"$phone\",\"password\":\"a long enough pass phrase\"}"
refresh=$(field refresh_token)
call POST /users/token/refresh/ 201 "{\"refresh\":\"$refresh\"}"
token=$(field access)
call GET /users/ 200
call PATCH /users/update/ 200 '{"first_name":"Dana","last_name":"Kim"}'
call POST /users/wallets/create/ 201 '{"name":"Mine"}'
kzt=$(field id)
call POST /users/wallets/create/ 201 '{"name":"Dollars","amount_currency":"USD"}'
usd=$(field id) number=$(field wallet_number)
call GET /users/wallets/ 200
call GET "/users/wallets/$kzt/" 200
call PATCH "/users/wallets/$kzt/update/" 200 '{"name":"Rent"}'
call POST "/users/wallets/$kzt/deposit/" 201 '{"amount":"10000.00"}'
call POST "/users/wallets/$kzt/withdraw/" 201 '{"amount":"500.00"}'
call POST "/users/wallets/$kzt/transfer/" 201 "{\"wallet_number\":\"$number\",\"amount\":\"2000.00\"}"
call GET "/users/wallets/$kzt/transactions/" 200
call GET "/users/wallets/$usd/" 200
call POST /users/password/update/ 201 '{"password":"a long enough pass phrase","new_password":"another pass phrase"}'
session=$(field session_id) code=$(field sandbox_code)
call PATCH /users/password/verify/ 200 "{\"session_id\":\"$session\",\"code\":\"$code\"}"
echo done
