#!/usr/bin/env bash
# Kills the venue at a random moment while orders go in, starts it again, and looks for everything that was
# acknowledged: every order there, none twice, and a replay of the journal that ends in the state that the running
# venue reports. Then the same journal is audited, and audited again with one byte changed.
#
#   tests/kill9.sh [LOOPS]        with target/release/papertape, or PAPERTAPE=path
set -euo pipefail
cd "$(dirname "$0")/.."

loops=${1:-10}
papertape=${PAPERTAPE:-target/release/papertape}
dir=$(mktemp -d)
data=$dir/venue
server=
seed=${SEED:-$RANDOM}
RANDOM=$seed
passed=0

stop() {
    if [ -n "$server" ]; then kill -9 "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=; fi
}
trap 'stop; rm -rf "$dir"' EXIT

fail() {
    printf 'kill9: %s (loop %s, seed %s)\n' "$1" "${loop:-0}" "$seed"
    sed 's/^/  server: /' "$dir/server.log" | tail -n 20
    exit 1
}

field() { # name, JSON on standard input
    sed -nE "s/.*\"$1\": ?\"?([0-9a-z]+)\"?.*/\1/p" | head -n 1
}

get() { # path
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$1" "$port" >&3
    cat <&3 2>/dev/null || true
    exec 3<&-
}

start() {
    : >"$dir/server.log"
    "$papertape" serve --demo --simulator off --segment-bytes 65536 --data "$data" \
        --listen 127.0.0.1:0 >"$dir/server.log" 2>&1 &
    server=$!
    for _ in $(seq 600); do
        port=$(sed -nE 's|.*http://127.0.0.1:([0-9]+).*|\1|p' "$dir/server.log" | head -n 1)
        if [ -n "$port" ] && get /healthz 2>/dev/null | grep -q '"ok"'; then return; fi
        kill -0 "$server" 2>/dev/null || fail "the server ended while starting"
        sleep 0.05
    done
    fail "the server did not start within 30 seconds"
}

start
for loop in $(seq "$loops"); do
    "$papertape" load --url "http://127.0.0.1:$port" --connections 4 --rate 2000 --seconds 30 \
        --acked "$dir/acked" >"$dir/load.json" 2>&1 &
    load=$!
    for _ in $(seq 600); do
        if grep -q '^place' "$dir/acked" 2>/dev/null; then break; fi
        kill -0 "$load" 2>/dev/null || { cat "$dir/load.json"; fail "the load ended before it began"; }
        sleep 0.05
    done
    sleep "0.$((RANDOM % 900 + 100))"
    stop
    wait "$load" 2>/dev/null || true
    start
    "$papertape" load --url "http://127.0.0.1:$port" --verify "$dir/acked" --data "$data" >"$dir/verify" 2>&1 ||
        { cat "$dir/verify"; fail "something acknowledged is not there"; }
    # Asked twice: the state is hashed a few times a second, and nothing happens in between.
    get /api/v1/status >/dev/null
    sleep 0.3
    status=$(get /api/v1/status)
    seq=$(field seq <<<"$status")
    live=$(field state_hash <<<"$status")
    replayed=$("$papertape" replay --data "$data" --until "$seq" --state-hash)
    [ -n "$live" ] && [ "$live" = "$replayed" ] || fail "the venue reports state $live at $seq, the replay $replayed"
    printf 'kill9: loop %s: %s; state %s at seq %s\n' "$loop" "$(tail -n 1 "$dir/verify")" "${live:0:16}…" "$seq"
    rm -f "$dir/acked"
    passed=$((passed + 1))
done
stop

"$papertape" audit verify --data "$data" >"$dir/audit" || { cat "$dir/audit"; fail "the audit refuses the journal"; }
passed=$((passed + 1))
segment=$(find "$data/journal" -name '*.seg' | sort | head -n 1)
[ "$(find "$data/journal" -name '*.seg' | wc -l)" -gt 2 ] || fail "no segment is sealed yet"
middle=$((RANDOM % 20000 + 8192))
byte=$(od -An -tu1 -j "$middle" -N 1 "$segment" | tr -d ' ')
printf "\\$(printf '%03o' $((byte ^ 1)))" | dd of="$segment" bs=1 seek="$middle" conv=notrunc status=none
if "$papertape" audit verify --data "$data" >"$dir/audit" 2>&1; then fail "the audit accepts a changed byte"; fi
grep -q "$(basename "$segment")" "$dir/audit" || { cat "$dir/audit"; fail "the audit does not name the segment"; }
printf 'kill9: %s\n' "$(tail -n 1 "$dir/audit")"
passed=$((passed + 1))
printf 'kill9: %s passed, 0 failed\n' "$passed"
