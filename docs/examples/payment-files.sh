#!/usr/bin/env bash
# Follows seed 3's README (payment file system) from top to bottom with curl alone, paying at the built-in sandbox gateway.
#   ./run                            (in another terminal: serves with demo people)
#   docs/examples/payment-files.sh
set -euo pipefail
base=${FLORIN:-http://localhost:8000}
name=f$(date +%s)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# call METHOD PATH TOKEN [curl arguments …]: prints what was answered, and keeps it in $answer.
call() {
    local method=$1 path=$2 token=$3
    shift 3
    answer=$(curl -sS --fail-with-body -X "$method" "$base$path" ${token:+-H "Authorization: Bearer $token"} "$@") || { echo "$method $path: $answer" >&2; exit 1; }
    printf '%-5s %-30s %s\n' "$method" "$path" "${answer:0:400}"
}
json() { call "$1" "$2" "$3" -H 'Content-Type: application/json' -d "$4"; }
field() { grep -o "\"$1\":\"\?[^\",}]*" <<<"$answer" | head -n 1 | sed "s/\"$1\":\"\?//"; }

# 1, 2: register and sign in
json POST /api/register/ "" "{\"username\":\"$name\",\"email\":\"$name@example.com\",\"mobile_number\":\"01712345678\",\"password\":\"securepassword123\"}"
id=$(field id)
json POST /api/login/ "" "{\"username\":\"$name\",\"password\":\"securepassword123\"}"
token=$(field access)
json POST /api/login/refresh/ "" "{\"refresh\":\"$(field refresh)\"}"

# 3: initiate a payment, open its page and pay
call POST /api/initiate-payment/ "$token"
page=$(field payment_url)
curl -sS -o /dev/null "$page"
curl -sS -o /dev/null -d outcome=succeed "$page" # the button of the sandbox's page

# 4, 5: upload, and look until the words are counted
echo 'some words to count' >"$work/sample.txt"
for _ in $(seq 40); do # until the gateway has told us
    curl -sS -o "$work/answer" -w '%{http_code}' -H "Authorization: Bearer $token" -F "file=@$work/sample.txt" "$base/api/upload/" >"$work/status"
    [ "$(cat "$work/status")" = 403 ] || break
    sleep 0.25
done
printf 'POST  %-30s %s\n' /api/upload/ "$(cat "$work/answer")"
for _ in $(seq 40); do
    call GET /api/file/ "$token" >/dev/null
    [ "$(field status)" = Processing ] || break
    sleep 0.25
done
call GET /api/file/ "$token"

# 6, 7: profile and activity
call GET /api/user/ "$token"
call GET "/api/user/$id/" "$token"
call GET /api/activity/ "$token"

# 8: payments, for staff
json POST /api/login/ "" '{"username":"staff","password":"florin-demo-pass"}' >/dev/null
call GET /api/transactions/ "$(field access)"

# 9: update the profile
json PUT "/api/user/$id/" "$token" "{\"username\":\"${name}u\",\"email\":\"${name}u@example.com\",\"mobile_number\":\"01798765432\"}"
echo done
