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
. tests/lib/served.sh
trap 'end_servers; rm -rf "$dir"' EXIT
if ! { python3 -m venv "$dir/venv" &&
    "$dir/venv/bin/python" -m pip install -q --disable-pip-version-check "websockets>=14"; } >"$dir/log" 2>&1; then
    echo "outsider: skipped, pip does not get websockets: $(tail -n 1 "$dir/log")"
    exit 0
fi
serve venue --demo
await_market
"$dir/venv/bin/python" -B tests/outsider/outsider.py "$url" "$tcp"
