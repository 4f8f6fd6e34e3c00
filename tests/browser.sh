#!/usr/bin/env bash
# The page in a real browser against a real venue with its simulated market.
#
#   tests/browser.sh CHROMIUM     with target/release/papertape, or PAPERTAPE=path
set -euo pipefail
cd "$(dirname "$0")/.."

papertape=${PAPERTAPE:-target/release/papertape}
dir=$(mktemp -d)
. tests/lib/served.sh
trap 'end_server; rm -rf "$dir"' EXIT
serve
CHROMIUM=$1 PAPERTAPE_URL=$url npm --prefix web run e2e
