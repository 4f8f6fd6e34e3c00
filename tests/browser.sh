#!/usr/bin/env bash
# The page in a real browser against a real venue with its simulated market, and against an empty one beside it.
#
#   tests/browser.sh CHROMIUM     with target/release/papertape, or PAPERTAPE=path
set -euo pipefail
cd "$(dirname "$0")/.."

papertape=${PAPERTAPE:-target/release/papertape}
dir=$(mktemp -d)
servers=()
trap 'kill "${servers[@]}" 2>/dev/null || true; wait "${servers[@]}" 2>/dev/null || true; rm -rf "$dir"' EXIT

# Starts a venue in the folder of that name, and sets `url`.
serve() {
    "$papertape" serve --data "$dir/$1" --listen 127.0.0.1:0 "${@:2}" >"$dir/$1.log" 2>&1 &
    servers+=($!)
    url=
    for _ in $(seq 600); do
        url=$(sed -nE 's|.*(http://127.0.0.1:[0-9]+).*|\1|p' "$dir/$1.log" | head -n 1)
        [ -n "$url" ] && return
        kill -0 "${servers[-1]}" 2>/dev/null || break
        sleep 0.05
    done
    cat "$dir/$1.log"
    exit 1
}

serve empty
empty=$url
serve venue --demo
CHROMIUM=$1 PAPERTAPE_URL=$url PAPERTAPE_DATA=$dir/venue PAPERTAPE_EMPTY_URL=$empty PAPERTAPE_EMPTY_DATA=$dir/empty \
    npm --prefix web run e2e
