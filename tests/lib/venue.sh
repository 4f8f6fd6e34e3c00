# A venue that is started, asked and killed: for scripts that fail one way or another. The script sets `name`, and `data`
# to where the venue keeps its data; `dir` is for whatever it notes, and is removed at the end.

papertape=${PAPERTAPE:-target/release/papertape}
dir=$(mktemp -d)
server=
loop=0
seed=${SEED:-$RANDOM}
RANDOM=$seed
# Put before the venue's command: a tracer, for example.
before=()
# How it is run.
options=(--demo --simulator off --segment-bytes 65536 --checkpoint-after 300)

stop() {
    if [ -z "$server" ]; then return; fi
    # A tracer's child outlives it.
    { pkill -9 -P "$server" || true; kill -9 "$server" || true; wait "$server" || true; } 2>/dev/null
    server=
    if [ -e "$data/lock" ]; then flock -w 10 "$data/lock" true 2>/dev/null || true; fi
}

fail() {
    printf '%s: %s (loop %s, seed %s)\n' "$name" "$1" "$loop" "$seed"
    sed 's/^/  server: /' "$dir/server.log" 2>/dev/null | tail -n 20
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

# Starts it and waits until it answers.
start() {
    try_to_start || fail "the server did not start"
}

try_to_start() {
    : >"$dir/server.log"
    "${before[@]}" "$papertape" serve "${options[@]}" --data "$data" --listen 127.0.0.1:0 >"$dir/server.log" 2>&1 &
    server=$!
    for _ in $(seq 600); do
        port=$(sed -nE 's|.*http://127.0.0.1:([0-9]+).*|\1|p' "$dir/server.log" | head -n 1)
        if [ -n "$port" ] && get /healthz 2>/dev/null | grep -q '"ok"'; then return 0; fi
        kill -0 "$server" 2>/dev/null || return 1
        sleep 0.05
    done
    return 1
}

# Sends orders in the background, until it is killed or the venue is gone; `$dir/acked` is what was acknowledged. Fails if
# no order was.
send_orders() {
    rm -f "$dir/acked"
    "$papertape" load --url "http://127.0.0.1:$port" --connections 4 --rate 2000 --seconds 30 \
        --users "$dir/users" --acked "$dir/acked" >"$dir/load.json" 2>&1 &
    load=$!
    for _ in $(seq 600); do
        if grep -q '^place' "$dir/acked" 2>/dev/null; then return; fi
        kill -0 "$load" 2>/dev/null || return 1
        sleep 0.05
    done
    return 1
}

# Sends orders; that none is taken is an error.
must_send_orders() {
    send_orders || { cat "$dir/load.json"; fail "the load ended before it began"; }
}

# Everything acknowledged is there, and a replay of the journal comes to the state that the venue reports.
check_venue() {
    "$papertape" load --url "http://127.0.0.1:$port" --users "$dir/users" --verify "$dir/acked" --data "$data" >"$dir/verify" 2>&1 ||
        { cat "$dir/verify"; fail "something acknowledged is not there"; }
    # Asked twice: the state is hashed a few times a second, and nothing happens in between.
    get /api/v1/status >/dev/null
    sleep 0.3
    local status seq live replayed
    status=$(get /api/v1/status)
    seq=$(field seq <<<"$status")
    live=$(field state_hash <<<"$status")
    replayed=$("$papertape" replay --data "$data" --until "$seq" --state-hash)
    [ -n "$live" ] && [ "$live" = "$replayed" ] || fail "the venue reports state $live at $seq, the replay $replayed"
    printf '%s: loop %s: %s; state %s at seq %s\n' "$name" "$loop" "$(tail -n 1 "$dir/verify")" "${live:0:16}…" "$seq"
}
