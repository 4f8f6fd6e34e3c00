#!/usr/bin/env bash
# Runs every example of docs/api.md against a new venue, in order, in one shell; the first that fails ends it.
#
#   tests/api-examples.sh         with target/release/papertape, or PAPERTAPE=path; V=url of a venue that runs
set -euo pipefail
cd "$(dirname "$0")/.."

papertape=${PAPERTAPE:-target/release/papertape}
dir=$(mktemp -d)
. tests/lib/served.sh
trap 'end_servers; rm -rf "$dir"' EXIT
if [ -z "${V:-}" ]; then
    serve venue --demo
    await_market
    V=$url
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
