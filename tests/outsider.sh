#!/usr/bin/env bash
# A client written from docs/ alone, with the standard library of Python and the package `websockets`, against a new venue.
#
#   tests/outsider.sh             with target/release/papertape, or PAPERTAPE=path
#
# Skipped, with a word, where there is no Python or the package cannot be had; it goes into an environment of its own that is
# thrown away.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    echo "outsider: skipped, there is no python3 of 3.10 or newer"
    exit 0
fi
papertape=${PAPERTAPE:-target/release/papertape}
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$dir"' EXIT
if ! { python3 -m venv "$dir/venv" &&
    "$dir/venv/bin/python" -m pip install -q --disable-pip-version-check "websockets>=14"; } >"$dir/log" 2>&1; then
    echo "outsider: skipped, pip does not get websockets: $(tail -n 1 "$dir/log")"
    exit 0
fi
"$papertape" serve --demo --data "$dir/venue" --listen 127.0.0.1:0 --tcp 127.0.0.1:0 >"$dir/server.log" 2>&1 &
server=$!
url=
tcp=
for _ in $(seq 600); do
    url=$(sed -nE 's|.* at (http://127.0.0.1:[0-9]+).*|\1|p' "$dir/server.log" | head -n 1)
    tcp=$(sed -nE 's|.*binary order entry at (127.0.0.1:[0-9]+).*|\1|p' "$dir/server.log" | head -n 1)
    [ -n "$url" ] && [ -n "$tcp" ] && curl -sSf "$url/api/v1/depth?symbol=BTC-USD" 2>/dev/null | grep -q '"asks":\[\[' && break
    kill -0 "$server" 2>/dev/null || { cat "$dir/server.log"; exit 1; }
    sleep 0.05
done
"$dir/venv/bin/python" -B tests/outsider/outsider.py "$url" "$tcp"
