#!/usr/bin/env bash
# Runs every example of docs/api.md against a new venue, in order, in one shell; the first that fails ends it.
#
#   tests/api-examples.sh         with target/release/papertape, or PAPERTAPE=path; V=url of a venue that runs
set -euo pipefail
cd "$(dirname "$0")/.."

papertape=${PAPERTAPE:-target/release/papertape}
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$dir"' EXIT
if [ -z "${V:-}" ]; then
    "$papertape" serve --demo --data "$dir/venue" --listen 127.0.0.1:0 >"$dir/server.log" 2>&1 &
    server=$!
    for _ in $(seq 600); do
        V=$(sed -nE 's|.*(http://127.0.0.1:[0-9]+).*|\1|p' "$dir/server.log" | head -n 1)
        [ -n "$V" ] && curl -sSf -o "$dir/depth" "$V/api/v1/depth?symbol=BTC-USD" 2>/dev/null && grep -q '"asks":\[\[' "$dir/depth" && break
        kill -0 "$server" 2>/dev/null || { cat "$dir/server.log"; exit 1; }
        sleep 0.05
    done
fi
# Blocks that a reader's shell would run.
awk '/^```sh$/ {on = 1; next} /^```$/ {on = 0} on' docs/api.md >"$dir/examples.sh"
count=$(grep -cE '(^|\()curl|=\$\(curl' "$dir/examples.sh")
[ "$count" -ge 30 ] || { echo "only $count examples were found"; exit 1; }
export V
if ! bash -euo pipefail "$dir/examples.sh" >"$dir/answers" 2>&1; then
    tail -c 2000 "$dir/answers"
    printf '\napi: 0 passed, 1 failed\n'
    exit 1
fi
# The one that is meant to fail says so in the shape of failures.
grep -q '"code":"UNKNOWN_ORDER"' "$dir/answers"
printf 'api: %s passed, 0 failed\n' "$count"
