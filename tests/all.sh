#!/usr/bin/env bash
# Every test, one suite after the other (two, where each needs one processor), and one line at the end that counts all.
# Needs the page (`npm run build`); the program that scripts start is the one that the first suite builds. A suite that
# cannot run here says so and is counted as skipped.
set -uo pipefail
cd "$(dirname "$0")/.."

# Random streams beside the reference model: a laptop does fewer with plain `cargo test`.
export PAPERTAPE_STREAMS="${PAPERTAPE_STREAMS:-3000}"
# Inputs that nobody meant, for each decoder.
export PAPERTAPE_INPUTS="${PAPERTAPE_INPUTS:-1000000}"

# Many tests wait: for a venue to end, for a second to pass.
export RUST_TEST_THREADS="${RUST_TEST_THREADS:-$((4 * $(nproc)))}"

dir=$(mktemp -d)
log=$dir/log
trap 'rm -rf "$dir"' EXIT
failed_suites=0

suite() { # name, command …
    local name=$1 begun=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    "$@" 2>&1 | tee -a "$log"
    local code=${PIPESTATUS[0]}
    printf '== %s: %s s\n' "$name" "$((SECONDS - begun))"
    if [ "$code" -ne 0 ]; then
        printf '== %s: FAILED with exit code %s\n' "$name" "$code"
        failed_suites=$((failed_suites + 1))
    fi
}

# Two lists of suites side by side. What the first says is shown when both have ended.
side_by_side() { # function, function
    (log=$dir/beside; failed_suites=0; "$1"; exit "$failed_suites") >"$dir/said" 2>&1 &
    local other=$!
    "$2"
    wait "$other"
    failed_suites=$((failed_suites + $?))
    cat "$dir/said"
    [ ! -f "$dir/beside" ] || cat "$dir/beside" >>"$log"
}

# Where it may: as root, on Debian.
install() { # package
    [ -f /etc/debian_version ] && [ "$(id -u)" = 0 ] &&
        { apt-get update -q && apt-get install -y -q --no-install-recommends "$1"; } >&2
}

find_browser() {
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" && return 0
    done
    install chromium && command -v chromium
}

has_nginx() {
    command -v nginx >/dev/null || [ -n "${NGINX_BINARY:-}" ]
}

has_postgres() {
    command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

export PAPERTAPE="${PAPERTAPE:-$(realpath -m "${CARGO_TARGET_DIR:-target}")/debug/papertape}"
suite "rust" cargo test --workspace --locked --no-fail-fast
has_postgres || install postgresql || true
suite "rust, on PostgreSQL" tests/postgres.sh
has_nginx || { install nginx-light && install libnginx-mod-stream; } || true

from_outside() {
    suite "conformance: a judge from outside" env ADAPTER="${CARGO_TARGET_DIR:-target}/debug/tracebook" tests/tracebook.sh
    suite "api: every example of its document" tests/api-examples.sh
    suite "deploy: nginx and the Compose file" tests/deploy.sh
    suite "python: a client in another language" tests/python.sh
    suite "outsider: a client that knows the documents alone" tests/outsider.sh
    suite "api: generated requests to every route" tests/schemathesis.sh
    suite "web, units" npm --prefix web test
}

crashes() {
    suite "crash: kill -9 and look for what was acknowledged" tests/kill9.sh "${KILL9_LOOPS:-50}"
    suite "crash: the file system goes away" tests/power.sh "${POWER_LOOPS:-5}"
    suite "crash: calls that fail" tests/failing-calls.sh "${FAILING_CALLS:-4}"
}

side_by_side from_outside crashes
if browser=$(find_browser | tail -n 1) && [ -n "$browser" ]; then
    suite "web, browser" tests/browser.sh "$browser"
else
    printf '\n== web, browser: skipped, there is no Chromium and none can be installed here\n' | tee -a "$log"
fi

# "test result: ok. 12 passed; 0 failed" (cargo), "Tests  40 passed (40)" (vitest), "9 passed" (playwright, scripts).
count() { # word
    sed 's/\x1b\[[0-9;]*m//g' "$log" | grep -E '^test result:|^ *Tests +|^ +[0-9]+ (passed|failed)|^[a-z0-9]+: [0-9]+ passed' |
        grep -oE "[0-9]+ $1" | awk '{sum += $1} END {print sum + 0}'
}
passed=$(count passed)
failed=$(count failed)
printf '\n%s passed, %s failed\n' "$passed" "$failed"
[ "$failed_suites" -eq 0 ] && [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
