#!/usr/bin/env bash
# What clients that mean no good cost the others: order to answer of polite clients, without them, beside them, and without
# them again, in one run on one venue; over TCP and over WebSocket.
#
#   benches/hostile.sh            RATE=4000 commands a second of the polite, LOAD_SECONDS=20, CONNECTIONS=4
#
# JSON goes to target/hostile/. The venue allows 2,000 orders a second and account, and the flood sends FLOOD=20000.
set -euo pipefail
cd "$(dirname "$0")/.."

papertape=${PAPERTAPE:-${CARGO_TARGET_DIR:-target}/release/papertape}
out=${CARGO_TARGET_DIR:-target}/hostile
mkdir -p "$out"
dir=$(mktemp -d)
. tests/lib/served.sh
trap 'end_servers; rm -rf "$dir"' EXIT
serve venue --demo --simulator off --durability process --tcp-orders-per-second 2000

for via in tcp ws; do
    "$papertape" load --via "$via" --url "$url" --tcp "$tcp" --rate "${RATE:-4000}" --seconds "${LOAD_SECONDS:-20}" \
        --connections "${CONNECTIONS:-4}" --beside-hostile --flood-per-second "${FLOOD:-20000}" --hgrm "$out/$via" \
        >"$out/$via.json" || echo "$via: see $out/$via.json"
    sed -nE '/"over_quiet"/,/}/p' "$out/$via.json" | tr -d '\n ' | sed "s/^/$via: times the latency without them: /"
    echo
done
echo "in $out"
