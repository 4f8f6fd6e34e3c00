#!/usr/bin/env bash
# Kills the venue at a random moment while orders go in, starts it again, and looks for everything that was
# acknowledged: every order there, none twice, and a replay of the journal that ends in the state that the running
# venue reports. Then the same journal is audited, and audited again with one byte changed.
#
#   tests/kill9.sh [LOOPS]        with target/release/papertape, or PAPERTAPE=path
set -euo pipefail
cd "$(dirname "$0")/.."

name=kill9
loops=${1:-10}
passed=0
. tests/lib/venue.sh
data=$dir/venue
trap 'stop; rm -rf "$dir"' EXIT

start
for loop in $(seq "$loops"); do
    must_send_orders
    sleep "0.$((RANDOM % 900 + 100))"
    stop
    wait "$load" 2>/dev/null || true
    start
    check_venue
    passed=$((passed + 1))
done
stop

"$papertape" audit verify --replay --data "$data" >"$dir/audit" || { cat "$dir/audit"; fail "the audit refuses the journal"; }
grep -Eq '^[1-9][0-9]* checkpoints' "$dir/audit" || { cat "$dir/audit"; fail "nothing was stated"; }
printf 'kill9: %s\n' "$(grep checkpoints "$dir/audit")"
passed=$((passed + 1))
segments=("$data"/journal/*.seg)
[ "${#segments[@]}" -gt 2 ] || fail "no segment is sealed yet"
segment=${segments[0]}
middle=$((RANDOM % 20000 + 8192))
byte=$(od -An -tu1 -j "$middle" -N 1 "$segment" | tr -d ' ')
printf "\\$(printf '%03o' $((byte ^ 1)))" | dd of="$segment" bs=1 seek="$middle" conv=notrunc status=none
if "$papertape" audit verify --data "$data" >"$dir/audit" 2>&1; then fail "the audit accepts a changed byte"; fi
grep -q "$(basename "$segment")" "$dir/audit" || { cat "$dir/audit"; fail "the audit does not name the segment"; }
printf 'kill9: %s\n' "$(tail -n 1 "$dir/audit")"
passed=$((passed + 1))
printf 'kill9: %s passed, 0 failed\n' "$passed"
