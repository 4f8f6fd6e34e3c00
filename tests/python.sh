#!/usr/bin/env bash
# The Python client: golden vectors, and against a venue where its order entry is served.
#
#   tests/python.sh               with target/release/papertape, or PAPERTAPE=path
#
# Ed25519 keys and the feed need packages that are installed into an environment of its own, thrown away afterwards; without
# them, or without Python, that part is skipped, and said so.
set -uo pipefail
cd "$(dirname "$0")/.."

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    echo "python: skipped, there is no python3 of 3.10 or newer"
    exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python=python3
if python3 -m venv "$dir/venv" >"$dir/log" 2>&1 &&
    "$dir/venv/bin/python" -m pip install -q --disable-pip-version-check "websockets>=14" "cryptography>=42" >"$dir/log" 2>&1; then
    python=$dir/venv/bin/python
else
    echo "python: pip does not get websockets and cryptography: $(tail -n 1 "$dir/log")"
fi
export PAPERTAPE=${PAPERTAPE:-$PWD/target/release/papertape}
"$python" -B -m unittest discover -v -s clients/python/tests -t clients/python 2>&1 | tee "$dir/tests"
code=${PIPESTATUS[0]}
ran=$(sed -nE 's/^Ran ([0-9]+) tests?.*/\1/p' "$dir/tests")
skipped=$(grep -c '\.\.\. skipped' "$dir/tests")
failed=$(grep -cE '^(FAIL|ERROR):' "$dir/tests")
printf 'python: %s passed, %s failed, %s skipped\n' "$((${ran:-0} - skipped - failed))" "$failed" "$skipped"
exit "$code"
