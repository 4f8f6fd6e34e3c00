#!/usr/bin/env bash
# Has a call of the operating system fail in a running venue: the n-th sync, the n-th room for a segment, the n-th rename.
# The venue must either go on or end with exit code 74 and say which file; started again, it must have everything that it
# had acknowledged. Needs strace.
#
#   tests/failing-calls.sh [CALLS]        with target/release/papertape, or PAPERTAPE=path; CALLS of each kind
set -euo pipefail
cd "$(dirname "$0")/.."

name=failing-calls
calls=${1:-10}
passed=0
stopped=0
load=
. tests/lib/venue.sh
data=$dir/venue
trap 'stop; rm -rf "$dir"' EXIT

if ! command -v strace >/dev/null || ! strace -qq -e trace=none true 2>/dev/null; then
    printf 'failing-calls: skipped: strace is not there, or may not trace\n'
    exit 0
fi

# The tracer ends with its venue, and with its exit code.
ended() {
    ! kill -0 "$server" 2>/dev/null
}

one() { # call, error, which
    local code=0
    rm -f "$dir/acked"
    before=(strace -f -qq -o /dev/null -e "trace=$1" -e "inject=$1:error=$2:when=$3")
    if try_to_start; then
        # Who cannot even sign up is told so.
        send_orders || true
        for _ in $(seq 20); do
            if ended; then break; fi
            sleep 0.05
        done
    fi
    if ended; then
        wait "$server" || code=$?
        server=
        [ "$code" = 74 ] || fail "after $2 from $1 number $3 the venue ended with $code"
        grep -q "$data" "$dir/server.log" || fail "the complaint names no file"
        stopped=$((stopped + 1))
    fi
    if [ -n "$load" ]; then kill -9 "$load" 2>/dev/null || true; wait "$load" 2>/dev/null || true; load=; fi
    stop
    before=()
    start
    if grep -q "^user" "$dir/acked" 2>/dev/null; then check_venue; fi
    stop
    passed=$((passed + 1))
}

for loop in $(seq "$calls"); do
    one fdatasync EIO $((loop * 7))
    one fallocate ENOSPC $((2 + loop))
    one pwrite64 EIO $((loop * 11))
done
"$papertape" audit verify --data "$data" >"$dir/audit" || { cat "$dir/audit"; fail "the audit refuses the journal"; }
[ "$stopped" -gt 0 ] || fail "no failing call was met"
printf 'failing-calls: the venue stopped by itself %s times\n' "$stopped"
printf 'failing-calls: %s passed, 0 failed\n' "$passed"
