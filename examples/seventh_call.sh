#!/usr/bin/env bash
# The seventh call in seven days is allowed and the eighth is not.
#
# Needs a running `dialgate demo` and a credential of its tenant demo-b:
#   DEMO_B=$(dialgate token --tenant demo-b) examples/seventh_call.sh
# GATE_URL: where it serves (http://127.0.0.1:9033).
set -euo pipefail

url=${GATE_URL:-http://127.0.0.1:9033}
: "${DEMO_B:?a credential of demo-b is needed: export DEMO_B=\$(dialgate token --tenant demo-b)}"

# Either side of the world: the hours of one of them are open at any time.
declare -A phones=([six-calls-east]=+14045550102 [six-calls-west]=+14045550101)

post() { # PATH BODY
  curl -sS --max-time 5 "$url$1" -H "Authorization: Bearer $DEMO_B" \
    -H 'Content-Type: application/json' -d "$2"
}

intent() { # ACCOUNT MORE_FIELDS
  printf '{"account_id":"%s","phone":"%s","channel":"phone","action_type":"call","source_system":"dialer"%s}' \
    "$1" "${phones[$1]}" "$2"
}

number() { sed -n "s/.*\"$1\":\\([0-9]*\\).*/\\1/p"; }
codes() { grep -o '"codes":\[{"code":"[A-Z0-9_]*"' | sed 's/.*"code":"\(.*\)"/\1/' | paste -sd' ' -; }

# After a restart the gateway reads its ledger first.
for _ in {1..60}; do
  curl -sf --max-time 5 "$url/readiness" >/dev/null && break
  sleep 0.5
done

# A dry run reserves nothing and tells which of the two is within its hours.
account=
for candidate in "${!phones[@]}"; do
  answer=$(post '/api/gate/contact-intent?explain=true' "$(intent "$candidate" ',"dry_run":true')")
  grep -q '"CALL_HOURS"' <<<"$answer" || account=$candidate
done
[[ -n $account ]] || { echo "no account is within its hours" >&2; exit 1; }
echo "account $account"

answer=$(post /api/gate/contact-intent "$(intent "$account" '')")
if ! grep -q '"allow":true' <<<"$answer"; then
  answer=$(post '/api/gate/contact-intent?explain=true' "$(intent "$account" '')")
  echo "ask     BLOCK  $(codes <<<"$answer")"
  exit 0
fi
audit=$(number audit_id <<<"$answer")
echo "ask     ALLOW  audit_id $audit"

settled=$(post "/api/queue/account/$account/disposition" "{\"audit_id\":$audit,\"outcome\":\"no_answer\"}")
echo "settle  no_answer, row $(number row_id <<<"$settled")"

answer=$(post '/api/gate/contact-intent?explain=true' "$(intent "$account" '')")
if grep -q '"allow":true' <<<"$answer"; then
  echo "ask     ALLOW: this must not be" >&2
  exit 1
fi
echo "ask     BLOCK  $(codes <<<"$answer")"
