#!/usr/bin/env bash
# The tests of platform and gateway on PostgreSQL: the same that run on SQLite otherwise. A server of their own is started
# in a folder that goes away, on a Unix socket there and on no port.
#
#   tests/postgres.sh [arguments of the tests: a part of a name, --nocapture]
set -euo pipefail
cd "$(dirname "$0")/.."

skip() {
    printf 'postgres: skipped, %s\n' "$1"
    exit 0
}

bin=
for found in $(command -v initdb || true) /usr/lib/postgresql/*/bin/initdb; do
    [ -x "$found" ] && bin=$(dirname "$found")
done
[ -n "$bin" ] || skip "there is no PostgreSQL here (Debian: apt-get install postgresql)"

# initdb refuses root.
as=()
if [ "$(id -u)" = 0 ]; then
    command -v runuser >/dev/null || skip "it must not run as root, and there is no runuser"
    user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    as=(runuser -u "$user" --)
fi

dir=$(mktemp -d)
stop() {
    "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate -s stop 2>/dev/null || true
    rm -rf "$dir"
}
trap stop EXIT
chmod 755 "$dir"
[ "${#as[@]}" -eq 0 ] || chown "$user" "$dir"

run() { (cd "$dir" && "${as[@]}" "$@"); }
run "$bin/initdb" -D "$dir/data" -U papertape -A trust -E UTF8 --locale=C --no-sync >"$dir/initdb.log" 2>&1 ||
    { cat "$dir/initdb.log"; exit 1; }
# Nothing here outlives the machine: no need to wait for its disk.
options="-c listen_addresses= -c unix_socket_directories=$dir -c max_connections=400 -c fsync=off -c synchronous_commit=off"
run "$bin/pg_ctl" -D "$dir/data" -s -w -l "$dir/log" -o "$options" start || { cat "$dir/log"; exit 1; }

export PAPERTAPE_TEST_POSTGRES="postgres://papertape@localhost/postgres?host=$dir"
# The very programs of the other run: with two packages alone cargo would choose other features, and build everything anew.
programs=$(cargo test --workspace --locked --no-run 2>&1 | sed -nE 's/^ *Executable .*\((.*)\)$/\1/p')
failed=0
for package in platform gateway; do
    for program in $(grep -E "/(papertape_)?$package-[0-9a-f]+$" <<<"$programs"); do
        program=$(realpath "$program")
        printf 'Running %s\n' "${program##*/}"
        (cd "$package" && "$program" "$@") || failed=1
    done
done
exit "$failed"
