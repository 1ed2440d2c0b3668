#!/usr/bin/env bash
# Follows seed 4's README (QR payment) from top to bottom with curl alone; the socket is watched with its own handshake.
#   ./run                        (in another terminal: serves with demo people)
#   docs/examples/qr-pay.sh
set -euo pipefail
base=${FLORIN:-http://localhost:8000}
password=florin-demo-pass
work=$(mktemp -d)
trap 'kill "${listener:-}" 2>/dev/null || true; rm -rf "$work"' EXIT

# call METHOD PATH WHO [curl arguments …]: with the cookies of WHO; prints what was answered, and keeps it in $answer.
call() {
    local method=$1 path=$2 who=$3
    shift 3
    answer=$(curl -sS --fail-with-body -X "$method" "$base$path" -b "$work/$who" -c "$work/$who" "$@") || { echo "$method $path: $answer" >&2; exit 1; }
    printf '%-5s %-34s %s\n' "$method" "$path" "$(tr '\n' ' ' <<<"${answer:0:120}")"
}
json() { local body=$4 method=$1 path=$2 who=$3; shift 4; call "$method" "$path" "$who" -H 'Content-Type: application/json' -d "$body" "$@"; }
field() { grep -o "\"$1\":\"\?[^\",}]*" <<<"$answer" | head -n 1 | sed "s/\"$1\":\"\?//"; }

# Merchant and payer sign in; the cookie is acess_token
call GET /login merchant -o /dev/null
json POST /api/login merchant "{\"login\":\"corner-shop\",\"password\":\"$password\"}"
json POST /api/login payer "{\"login\":\"alice\",\"password\":\"$password\"}"

# The merchant listens, starts a payment and shows its QR code
curl -sSN --http1.1 -b "$work/merchant" --max-time 20 -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' \
    -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' "$base/api/merchant/ws" -o "$work/socket" 2>/dev/null &
listener=$!
json POST /api/start_payment merchant '{"amount":6.5}'
code=$(field code)
watch=$(field watch_code)
call GET "/generate_qr/$code" merchant -o "$work/qr.png"
call GET /generate_qr/corner-shop merchant -o "$work/sign.png"
file "$work/qr.png" 2>/dev/null || true
call GET "/watch/$watch" nobody

# The payer opens the page and pays what they are shown
call GET "/pay/$code" payer -o /dev/null
call GET "/api/pay/$code" payer
json POST "/api/pay/$code" payer "{\"transaction_secret\":\"$(field transaction_secret)\"}" -o /dev/null

# Everybody sees it
call GET "/watch/$watch" nobody
call GET /api/transactions merchant
call GET /portal merchant -o /dev/null
for _ in $(seq 20); do
    grep -aq payment_completed "$work/socket" 2>/dev/null && break
    sleep 0.25
done
printf 'WS    %-34s %s\n' /api/merchant/ws "$(grep -ao '{"type":"payment_completed"[^}]*}' "$work/socket")"
echo done
