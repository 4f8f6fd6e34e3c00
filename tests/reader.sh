#!/usr/bin/env bash
# A million records before the reader in Python, which knows nothing but docs/journal-format.md: it must find what
# `papertape audit verify` finds, the hash at the end included, and it must find one changed byte.
#
#   tests/reader.sh [RECORDS]     with target/release/papertape, or PAPERTAPE=path
set -euo pipefail
cd "$(dirname "$0")/.."

records=${1:-1000000}
papertape=${PAPERTAPE:-target/release/papertape}
if ! command -v python3 >/dev/null; then
    printf 'reader: skipped, there is no python3\n'
    exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
reader=tools/reader/papertape_journal.py

fail() {
    printf 'reader: %s\n' "$1"
    exit 1
}

cargo run --release --locked --quiet -p papertape-journal --example fill -- "$dir" "$records"
"$papertape" audit verify --data "$dir" >"$dir/audit" || { cat "$dir/audit"; fail "the audit refuses the journal"; }
begun=$(date +%s)
python3 "$reader" "$dir" >"$dir/reader" || { cat "$dir/reader"; fail "the reader refuses the journal"; }
with_hash=$(($(date +%s) - begun))
diff <(head -n 3 "$dir/audit") <(head -n 3 "$dir/reader") || fail "they found different things"
begun=$(date +%s)
python3 "$reader" --no-hash "$dir" >/dev/null || fail "the reader refuses the journal without hashes"
without_hash=$(($(date +%s) - begun))
printf 'reader: %s: %s seconds, %s of them without the hashes\n' "$(head -n 1 "$dir/reader")" "$with_hash" "$without_hash"

segment=$(find "$dir/journal" -name '*.seg' | sort | head -n 1)
byte=$(od -An -tu1 -j 100000 -N 1 "$segment" | tr -d ' ')
printf "\\$(printf '%03o' $((byte ^ 1)))" | dd of="$segment" bs=1 seek=100000 conv=notrunc status=none
if python3 "$reader" --no-hash "$dir" >"$dir/reader"; then fail "the reader accepts a changed byte"; fi
grep -q "$(basename "$segment")" "$dir/reader" || { cat "$dir/reader"; fail "the reader does not name the segment"; }
printf 'reader: %s\n' "$(cat "$dir/reader")"
printf 'reader: 3 passed, 0 failed\n'
