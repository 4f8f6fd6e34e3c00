#!/usr/bin/env bash
# Order to answer over TCP, WebSocket and REST, open loop, each in one run with an echo server; result in docs/latency.md.
#
#   benches/load.sh               RATE=50000 commands a second over TCP and WebSocket, LOAD_SECONDS=10, CONNECTIONS=8
#
# JSON, percentile files and plots go to target/load/. The venue waits for the journal and not for the disk (`process`), so
# that the network and the core are measured.
set -euo pipefail
cd "$(dirname "$0")/.."

papertape=${PAPERTAPE:-${CARGO_TARGET_DIR:-target}/release/papertape}
out=${CARGO_TARGET_DIR:-target}/load
rate=${RATE:-50000}
seconds=${LOAD_SECONDS:-10}
connections=${CONNECTIONS:-8}
mkdir -p "$out"
dir=$(mktemp -d)
"$papertape" serve --demo --simulator off --durability process --data "$dir/venue" --listen 127.0.0.1:0 \
    --tcp 127.0.0.1:0 --tcp-orders-per-second 0 --orders-per-second 0 --requests-per-minute 0 >"$dir/server.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$dir"' EXIT
for _ in $(seq 600); do
    url=$(sed -nE 's|.* at (http://127.0.0.1:[0-9]+).*|\1|p' "$dir/server.log" | head -n 1)
    tcp=$(sed -nE 's|.*binary order entry at (127.0.0.1:[0-9]+).*|\1|p' "$dir/server.log" | head -n 1)
    [ -n "$url" ] && [ -n "$tcp" ] && break
    kill -0 "$server" 2>/dev/null || { cat "$dir/server.log"; exit 1; }
    sleep 0.05
done

run() { # via, commands a second
    "$papertape" load --via "$1" --url "$url" --tcp "$tcp" --rate "$2" --seconds "$seconds" --connections "$connections" \
        --beside-echo --hgrm "$out/$1" --plot "$out/$1.svg" >"$out/$1.json" || echo "$1: see $out/$1.json"
    sed -nE '/"over_floor"/,/}/p' "$out/$1.json" | tr -d '\n ' | sed "s/^/$1 at $2 a second, times the echo: /"
    echo
}

run tcp "$rate"
run ws "$rate"
# One request at a time on each connection: a tenth is what that can do.
run rest "$((rate / 10))"
echo "in $out"
