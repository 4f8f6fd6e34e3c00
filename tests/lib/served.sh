# Venues that are started and asked from outside, and end with the script: for scripts that set `papertape`, the program,
# and `dir`, a folder of their own. `end_servers` belongs into their trap.

servers=()

end_servers() {
    for server in "${servers[@]}"; do
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    done
}

# Serves on ports of its own, with its data in the folder of that name, and waits until both are known: `url`, and `http`
# and `tcp` as HOST:PORT.
serve() { # name, further options
    server_log=$dir/$1.log
    "$papertape" serve --data "$dir/$1" --listen 127.0.0.1:0 --tcp 127.0.0.1:0 "${@:2}" >"$server_log" 2>&1 &
    server=$!
    servers+=("$server")
    for _ in $(seq 600); do
        http=$(sed -nE 's|.* at http://(127.0.0.1:[0-9]+).*|\1|p' "$server_log" | head -n 1)
        tcp=$(sed -nE 's|.*binary order entry at (127.0.0.1:[0-9]+).*|\1|p' "$server_log" | head -n 1)
        url=http://$http
        if [ -n "$http" ] && [ -n "$tcp" ]; then return; fi
        kill -0 "$server" 2>/dev/null || break
        sleep 0.05
    done
    cat "$server_log"
    return 1
}

# Waits until the simulated market of the last one has orders.
await_market() {
    for _ in $(seq 600); do
        if curl -sSf "$url/api/v1/depth?symbol=BTC-USD" 2>/dev/null | grep -q '"asks":\[\['; then return; fi
        kill -0 "$server" 2>/dev/null || break
        sleep 0.05
    done
    cat "$server_log"
    return 1
}
