#!/usr/bin/env bash
# The engine before a judge from outside: the fixtures and random traces of tracebook-conformance (PyPI, MIT), event by
# event against its own reference engine. What is judged, and what is open: docs/conformance.md.
#
#   tests/tracebook.sh            builds the adapter, or takes ADAPTER=path; SEED=n plays other random traces;
#                                 TRACEBOOK_VENV=folder keeps the Python environment there and uses it again
set -euo pipefail
cd "$(dirname "$0")/.."

package=tracebook-conformance==0.6.0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
venv=${TRACEBOOK_VENV:-$dir/venv}

skip() { # why
    printf 'tracebook: skipped, %s\n' "$1"
    exit 0
}

if [ ! -x "$venv/bin/tracebook-conformance" ]; then
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null ||
        skip "there is no python3 of 3.10 or newer"
    python3 -m venv "$venv" >"$dir/log" 2>&1 || skip "python3 makes no environment: $(tail -n 1 "$dir/log")"
    "$venv/bin/python" -m pip install -q --disable-pip-version-check "$package" >"$dir/log" 2>&1 ||
        skip "pip does not get $package: $(tail -n 1 "$dir/log")"
fi

adapter=${ADAPTER:-}
if [ -z "$adapter" ]; then
    cargo build -q --locked -p papertape-tests --bin tracebook
    adapter=${CARGO_TARGET_DIR:-target}/debug/tracebook
fi
[ -x "$adapter" ] || { printf 'tracebook: there is no adapter at %s\n' "$adapter"; exit 1; }
TMPDIR=$dir "$venv/bin/python" tests/tracebook_run.py "$adapter" ${SEED:+"$SEED"}
