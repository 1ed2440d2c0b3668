#!/usr/bin/env bash
# Seed 2's README from top to bottom, with curl, on a server in sandbox mode with the sample types: docs/examples/voucher-app.sh
# FLORIN=http://… names another server than http://localhost:8000.
set -euo pipefail
base=${FLORIN:-http://localhost:8000}
name=v$(date +%s%N)
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
call GET /api/health/ 200
call GET /api/test/ 200
call POST /api/auth/register/ 201 "{\"username\":\"$name\",\"email\":\"$name@example.org\",\"password\":\"a long enough pass phrase\",\"password_confirm\":\"a long enough pass phrase\"}"
call POST /api/auth/login/ 200 "{\"email\":\"$name@example.org\",\"password\":\"a long enough pass phrase\"}"
refresh=$(field refresh)
call POST /api/auth/token/refresh/ 200 "{\"refresh\":\"$refresh\"}"
token=$(field access)
call GET /api/auth/profile/ 200
call PUT /api/auth/profile/ 200 '{"first_name":"Ama","phone_number":"024 000 000"}'
call GET /api/users/profile/ 200
call PUT /api/users/profile/ 200 '{"last_name":"Mensah"}'
call GET /api/vouchers/types/ 200
type=$(grep -o '"id":[0-9]*,"name":"[^"]*","type_code":"result_check"' <<<"$body" | grep -o '[0-9]*' | head -n 1)
call POST /api/vouchers/purchase/ 402 "{\"voucher_type_id\":$type}" # nothing is given away
call POST /api/v1/users/wallets/create/ 201 '{"amount_currency":"USD"}'
wallet=$(field id)
call POST "/api/v1/users/wallets/$wallet/deposit/" 201 '{"amount":"30.00"}'
call POST /api/vouchers/purchase/ 201 "{\"voucher_type_id\":$type}"
code=$(field code)
call GET /api/vouchers/my-vouchers/ 200
call GET "/api/vouchers/detail/$code/" 200
call POST /api/vouchers/redeem/ 200 "{\"code\":\"$code\",\"service_type\":\"result_check\",\"service_data\":{\"index\":\"A1\"}}"
call GET /api/vouchers/stats/ 200
call GET /api/vouchers/usage-history/ 200
call POST /api/payments/create-payment-intent/ 201 "{\"voucher_type_id\":$type,\"payment_method\":\"wallet\"}"
payment=$(field payment_id)
call POST /api/payments/confirm-payment/ 200 "{\"payment_intent_id\":\"$payment\"}"
call GET /api/payments/history/ 200
call GET "/api/payments/transaction/$payment/" 200
call GET /api/analytics/user/ 200
call GET /api/analytics/dashboard/ 403 # for staff
call POST /api/auth/logout/ 200 '{}'
echo done
