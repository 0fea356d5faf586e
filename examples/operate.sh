#!/usr/bin/env bash
# What an operator does, against a running `dialgate demo`, in order: health, a kill switch thrown,
# seen and released, a file of facts, the ledger checked and recomputed.
#
#   examples/operate.sh            # GATE_URL (http://127.0.0.1:9033), DATA_DIR (data/demo)
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

url=${GATE_URL:-http://127.0.0.1:9033}
data_dir=${DATA_DIR:-data/demo}
dialgate=${GATE_PROGRAM:-dialgate}
token_file=$(mktemp)
trap 'rm -f "$token_file"' EXIT
"$dialgate" token --tenant demo --data-dir "$data_dir" \
  --scope 'gate:ask facts:write audit:read admin' >"$token_file"
target=(--tenant demo --server "$url" --token-file "$token_file")

ask() {
  curl -sS --max-time 5 "$url/api/gate/contact-intent?explain=true" -H "Authorization: Bearer $(<"$token_file")" \
    -H 'Content-Type: application/json' \
    -d '{"account_id":"plain","channel":"mail","action_type":"letter","source_system":"crm","dry_run":true}' |
    grep -o '"decision":"[A-Z]*"\|"blocked_by":\[[^]]*\]\|KILL_SWITCH' | sort -u | paste -sd' ' -
}

echo '== ready?'
curl -sS "$url/readiness"; echo
echo '== a letter'
ask
echo '== letters stopped'
"$dialgate" kill on channel mail "${target[@]}"
ask
echo '== and permitted again'
"$dialgate" kill off channel mail --reason 'rehearsal is over' "${target[@]}"
ask
echo '== facts'
"$dialgate" import examples/portfolio.ndjson "${target[@]}"
echo '== the ledger, checked beside the running server'
"$dialgate" ledger verify --data-dir "$data_dir" --tenant demo
echo '== recomputed with the standard library of Python'
"$dialgate" ledger export --data-dir "$data_dir" --tenant demo | python3 tests/verify_export.py
