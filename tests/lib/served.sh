# A venue that is started and asked from outside, and ends with the script: for scripts that set `papertape`, the program,
# and `dir`, a folder of their own. `end_server` belongs into their trap.

server=

end_server() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
}

# Serves a demonstration on ports of its own, and waits until both are known: `url`, and `http` and `tcp` as HOST:PORT.
serve() { # further options
    "$papertape" serve --demo --data "$dir/venue" --listen 127.0.0.1:0 --tcp 127.0.0.1:0 "$@" >"$dir/server.log" 2>&1 &
    server=$!
    for _ in $(seq 600); do
        http=$(sed -nE 's|.* at http://(127.0.0.1:[0-9]+).*|\1|p' "$dir/server.log" | head -n 1)
        tcp=$(sed -nE 's|.*binary order entry at (127.0.0.1:[0-9]+).*|\1|p' "$dir/server.log" | head -n 1)
        url=http://$http
        if [ -n "$http" ] && [ -n "$tcp" ]; then return; fi
        kill -0 "$server" 2>/dev/null || break
        sleep 0.05
    done
    cat "$dir/server.log"
    return 1
}

# Waits until the simulated market has orders.
await_market() {
    for _ in $(seq 600); do
        if curl -sSf "$url/api/v1/depth?symbol=BTC-USD" 2>/dev/null | grep -q '"asks":\[\['; then return; fi
        kill -0 "$server" 2>/dev/null || break
        sleep 0.05
    done
    cat "$dir/server.log"
    return 1
}
