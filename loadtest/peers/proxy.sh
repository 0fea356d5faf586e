#!/bin/bash
# A proxied GET of 2 KiB through dialgate and through nginx to the same upstream, by turns, on loopback.
#
#   loadtest/peers/proxy.sh [target/release/dialgate]
#
# Needs nginx, wrk, curl, bc. Prints, for each round: requests a second, median, processor time a request of
# the proxy alone. Takes about a minute, ends what it started, leaves nothing behind.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
dialgate=$(realpath "${1:-$here/target/release/dialgate}")
for tool in nginx wrk curl bc; do
  command -v "$tool" > /dev/null || { echo "skipped: $tool is not installed"; exit 0; }
done
work=$(mktemp -d)
up=9301 px=9302 dg=9303
started=()
end() {
  for pid in "${started[@]}"; do kill "$pid" 2> /dev/null || true; done
  for file in "$work"/*.pid; do [ -e "$file" ] && kill "$(cat "$file")" 2> /dev/null || true; done
  sleep 0.5
  rm -rf "$work"
}
trap end EXIT
mkdir "$work/html" "$work/tenants"
head -c 2048 /dev/zero | tr '\0' 'x' > "$work/html/body"
head -c 48 /dev/urandom | base64 > "$work/jwt.key"
common="events { worker_connections 4096; } daemon on;"
keep="access_log off; keepalive_requests 100000000; keepalive_timeout 600s;"
cat > "$work/up.conf" << CONF
worker_processes 1; pid $work/up.pid; error_log $work/up.err; $common
http { $keep server { listen 127.0.0.1:$up reuseport; root $work/html;
  location / { default_type application/json; try_files /body =404; } } }
CONF
cat > "$work/px.conf" << CONF
worker_processes 2; pid $work/px.pid; error_log $work/px.err; $common
http { $keep
 upstream sor { server 127.0.0.1:$up; keepalive 256; keepalive_requests 100000000; }
 server { listen 127.0.0.1:$px; location / { proxy_pass http://sor; proxy_http_version 1.1;
  proxy_set_header Connection ""; proxy_set_header Host \$proxy_host;
  proxy_set_header X-Forwarded-For \$remote_addr; proxy_set_header X-Forwarded-Proto \$scheme;
  proxy_set_header X-Forwarded-Host \$host; proxy_set_header X-Request-ID \$request_id; } } }
CONF
cat > "$work/dialgate.toml" << CONF
[server]
listen = "127.0.0.1:$dg"
[auth]
secret_file = "$work/jwt.key"
[ledger]
data_dir = "$work/data"
segment_bytes = 1048576
low_water_bytes = 0
[rules]
dir = "$here/config/rules"
[tenants]
dir = "$work/tenants"
[log]
level = "warn"
CONF
cat > "$work/tenants/open.toml" << CONF
name = "open"
[sor]
system = "whl"
addresses = ["http://127.0.0.1:$up"]
CONF
# Workers run as whoever started them: their folder is nobody else's to read.
user=""
[ "$(id -u)" = 0 ] && user="user root;"
for name in up px; do sed -i "1s/^/$user /" "$work/$name.conf"; nginx -c "$work/$name.conf"; done
"$dialgate" serve --config "$work/dialgate.toml" > "$work/dialgate.out" 2>&1 &
gateway=$!
started+=("$gateway")
token=$("$dialgate" token --config "$work/dialgate.toml" --tenant open --scope gate:ask)
for _ in $(seq 100); do
  curl -sf -o /dev/null "http://127.0.0.1:$dg/api/health/readiness" && break
  sleep 0.1
done
got=$(curl -s -o /dev/null -w '%{http_code} %{size_download}' -H "authorization: Bearer $token" "http://127.0.0.1:$dg/api/disputes")
[ "$got" = "200 2048" ] || { echo "the gateway answered: $got"; cat "$work/dialgate.out"; exit 1; }
workers=$(pgrep -P "$(cat "$work/px.pid")")
# Microseconds of processor time so far: a tick is a hundredth of a second.
spent() { for pid in "$@"; do cat "/proc/$pid/stat"; done | awk '{ s += $14 + $15 } END { print s * 10000 }'; }
round() {
  local name=$1 port=$2 connections=$3 seconds=$4
  shift 4
  local before after out
  before=$(spent "$@")
  out=$(wrk -t1 -c"$connections" -d"${seconds}s" --latency -H "authorization: Bearer $token" "http://127.0.0.1:$port/api/disputes")
  after=$(spent "$@")
  echo "$out" | awk -v n="$name" -v c="$connections" -v spent="$((after - before))" '
    /50%/ { p = $2 } /requests in/ { r = $1 } /Requests\/sec/ { q = $2 } /Non-2xx/ { e = $NF }
    END { printf "%-9s %3d connections: %8.0f/s, median %s, %.2f us of processor time, %d faults\n", n, c, q, p, spent / r, e }'
}
for _ in 1 2 3; do
  round nginx $px 64 5 $workers
  round dialgate $dg 64 5 "$gateway"
done
for _ in 1 2 3; do
  round nginx $px 1 3 $workers
  round dialgate $dg 1 3 "$gateway"
done
awk '/VmHWM/ { print "dialgate held at most " $2 / 1024 " MiB" }' "/proc/$gateway/status"
