#!/usr/bin/env bash
# The page in a real browser against a real venue with its simulated market, and against an empty one beside it.
#
#   tests/browser.sh CHROMIUM     with target/release/papertape, or PAPERTAPE=path
set -euo pipefail
cd "$(dirname "$0")/.."

papertape=${PAPERTAPE:-target/release/papertape}
dir=$(mktemp -d)
. tests/lib/served.sh
trap 'end_servers; rm -rf "$dir"' EXIT
serve empty
empty=$url
serve venue --demo
CHROMIUM=$1 PAPERTAPE_URL=$url PAPERTAPE_DATA=$dir/venue PAPERTAPE_EMPTY_URL=$empty PAPERTAPE_EMPTY_DATA=$dir/empty \
    npm --prefix web run e2e
