#!/usr/bin/env bash
# What is in deploy/, before the programs that read it: nginx takes its configuration, and passes a whole client on to a venue
# (tests/outsider, over HTTP, WebSocket and the port of binary order entry); the Compose file has the shape of one.
#
#   tests/deploy.sh               with target/release/papertape, or PAPERTAPE=path
#
# Skipped, part by part and with a word: without nginx (Debian: nginx-light libnginx-mod-stream; or NGINX_BINARY=path and
# NGINX_STREAM=path of the module), without Python and its packages. systemd's unit: tools/tests/serve/deploy.rs.
set -euo pipefail
cd "$(dirname "$0")/.."

papertape=${PAPERTAPE:-target/release/papertape}
dir=$(mktemp -d)
. tests/lib/served.sh
proxy=
passed=0
end() {
    [ -z "$proxy" ] || { kill "$proxy" 2>/dev/null || true; wait "$proxy" 2>/dev/null || true; }
    end_servers
    rm -rf "$dir"
}
trap end EXIT
fail() {
    printf 'deploy: %s\ndeploy: %s passed, 1 failed\n' "$1" "$passed"
    exit 1
}

python=
if python3 -m venv "$dir/venv" >"$dir/log" 2>&1 &&
    "$dir/venv/bin/python" -m pip install -q --disable-pip-version-check "websockets>=14" "pyyaml>=6" >"$dir/log" 2>&1; then
    python=$dir/venv/bin/python
fi
if [ -n "$python" ]; then
    "$python" -B tests/compose_shape.py deploy/compose.yaml || fail "the Compose file is none"
    passed=$((passed + 1))
else
    echo "deploy: compose: skipped, there is no Python with pyyaml: $(tail -n 1 "$dir/log")"
fi

nginx=${NGINX_BINARY:-$(command -v nginx || true)}
if [ -z "$nginx" ]; then
    echo "deploy: nginx: skipped, there is none"
    printf 'deploy: %s passed, 0 failed\n' "$passed"
    exit 0
fi
serve venue --demo --trusted-proxies 127.0.0.1
await_market
# The file as it is, but for ports, for folders that only an installed nginx has, and for where a separate module is.
ports=$(python3 -c 'import socket; s = [socket.create_server(("127.0.0.1", 0)) for _ in "ab"]; print(*(x.getsockname()[1] for x in s))')
read -r web entry <<<"$ports"
folders=$(for kind in client_body proxy fastcgi uwsgi scgi; do printf '%s_temp_path %s/%s; ' "$kind" "$dir" "$kind"; done)
sed -e "s|listen 80;|listen 127.0.0.1:$web;|; s|listen 8443;|listen 127.0.0.1:$entry;|" \
    -e "s|server 127.0.0.1:8080;|server $http;|; s|server 127.0.0.1:8081;|server $tcp;|" \
    -e "s|^http {|pid $dir/nginx.pid; error_log $dir/nginx.log; http { access_log off; $folders|" \
    ${NGINX_STREAM:+-e "s|^include /etc/nginx/modules-enabled.*|load_module $NGINX_STREAM;|"} deploy/nginx.conf >"$dir/nginx.conf"
chmod 755 "$dir"
# Debian names modules from the folder that it was built for.
[ ! -d /usr/lib/nginx/modules ] || ln -s /usr/lib/nginx/modules "$dir/modules"
"$nginx" -t -p "$dir" -e "$dir/nginx.log" -c "$dir/nginx.conf" >"$dir/log" 2>&1 || { cat "$dir/log"; fail "nginx does not take its configuration"; }
passed=$((passed + 1))
"$nginx" -p "$dir" -e "$dir/nginx.log" -c "$dir/nginx.conf" -g 'daemon off;' &
proxy=$!
if [ -n "$python" ]; then
    for _ in $(seq 200); do curl -sSf -o /dev/null "http://127.0.0.1:$web/readyz" 2>/dev/null && break || sleep 0.05; done
    "$python" -B tests/outsider/outsider.py "http://127.0.0.1:$web" "127.0.0.1:$entry" >"$dir/log" 2>&1 ||
        { cat "$dir/log"; tail -n 5 "$dir/nginx.log"; fail "a client does not get through nginx"; }
    passed=$((passed + 1))
fi
# What is not for everybody is not there from outside.
for path in /metrics /api/v1/admin/venue; do
    status=$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$web$path")
    [ "$status" = 404 ] || fail "$path is $status from outside"
    passed=$((passed + 1))
done
printf 'deploy: %s passed, 0 failed\n' "$passed"
