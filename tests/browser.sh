#!/usr/bin/env bash
# The page in a real browser against a real venue with its simulated market.
#
#   tests/browser.sh CHROMIUM     with target/release/papertape, or PAPERTAPE=path
set -euo pipefail
cd "$(dirname "$0")/.."

papertape=${PAPERTAPE:-target/release/papertape}
dir=$(mktemp -d)
"$papertape" serve --demo --data "$dir/venue" --listen 127.0.0.1:0 >"$dir/server.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$dir"' EXIT
url=
for _ in $(seq 600); do
    url=$(sed -nE 's|.*(http://127.0.0.1:[0-9]+).*|\1|p' "$dir/server.log" | head -n 1)
    [ -n "$url" ] && break
    kill -0 "$server" 2>/dev/null || { cat "$dir/server.log"; exit 1; }
    sleep 0.05
done
CHROMIUM=$1 PAPERTAPE_URL=$url npm --prefix web run e2e
