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
. tests/lib/served.sh
trap 'end_servers; rm -rf "$dir"' EXIT
serve venue --demo --simulator off --durability process --tcp-orders-per-second 0 --orders-per-second 0 --requests-per-minute 0

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
