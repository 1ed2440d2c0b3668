#!/usr/bin/env bash
# Follows seed 1's README (VeinPay) from top to bottom with curl alone.
#   ./run                                           (in another terminal: serves with demo people)
#   docs/examples/veinpay.sh [PHOTO OTHER_PHOTO]    two photos of one person pay by face; without them a bill is paid in cash only
set -euo pipefail
base=${FLORIN:-http://localhost:8000}
password=florin-demo-pass
name=v$(date +%s)

# call METHOD PATH TOKEN [curl arguments …]: prints what was sent and answered, and keeps the answer in $answer.
call() {
    local method=$1 path=$2 token=$3
    shift 3
    answer=$(curl -sS --fail-with-body -X "$method" "$base$path" ${token:+-H "Authorization: Bearer $token"} "$@") || { echo "$method $path: $answer" >&2; exit 1; }
    printf '%-5s %-34s %s\n' "$method" "$path" "${answer:0:160}"
}
json() { call "$1" "$2" "$3" -H 'Content-Type: application/json' -d "$4"; }
field() { grep -o "\"$1\":\"\?[^\",}]*" <<<"$answer" | head -n 1 | sed "s/\"$1\":\"\?//"; }

# Authentication: login, and refresh in the background
json POST /api/auth/login/ "" "{\"username\":\"corner-shop\",\"password\":\"$password\"}"
shop=$(field access)
refresh=$(field refresh)
json POST /api/auth/token/refresh/ "" "{\"refresh\":\"$refresh\"}"

# Shop owner: list and create customers
picture=${1:-}
if [ -z "$picture" ]; then
    picture=$(mktemp)
    trap 'rm -f "$picture"' EXIT
    base64 -d >"$picture" <<<iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==
fi
kind=FACE
[ $# -gt 0 ] || kind=VEIN # no face in the picture: a customer who does not pay by it
call POST /api/shop/customers/ "$shop" -F "username=$name" -F password=new_password -F "biometric_type=$kind" -F "face_template=@$picture"
id=$(field id)
call GET /api/shop/customers/ "$shop"

# Customer: wallet
json POST /api/auth/login/ "" "{\"username\":\"$name\",\"password\":\"new_password\"}"
customer=$(field access)
call GET /api/wallet/ "$customer"
json POST /api/wallet/add/ "$customer" '{"amount":"100.50"}'

# Shop owner: bills
json POST /api/shop/bills/ "$shop" "{\"customer\":$id,\"amount\":\"9.99\"}"
bill=$(field id)
call PUT "/api/shop/bills/$bill/pay-cash/" "$shop"
json POST /api/shop/bills/ "$shop" "{\"customer\":$id,\"amount\":\"12.00\"}"
bill=$(field id)
call GET /api/shop/bills/ "$shop"

# Payment by face: another picture of the same person
if [ $# -gt 1 ]; then
    call POST /api/pay/ "$shop" -F "bill_id=$bill" -F "live_image=@$2"
fi

call GET /api/wallet/transactions/ "$customer"
echo done
