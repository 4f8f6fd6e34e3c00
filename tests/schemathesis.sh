#!/usr/bin/env bash
# Generated requests to every route that a venue describes, first as a user and then as the operator: no 5xx, no status that
# is not described, no body, header or type of content that is described otherwise.
#
#   tests/schemathesis.sh         with target/release/papertape, or PAPERTAPE=path; EXAMPLES=15 for each route; SEED=1
#
# Needs Python and `schemathesis` from PyPI, which is installed into an environment of its own that is thrown away
# (SCHEMATHESIS=path of one that is there). Left out, with a word, where it cannot be had.
set -uo pipefail
cd "$(dirname "$0")/.."

papertape=${PAPERTAPE:-target/release/papertape}
examples=${EXAMPLES:-15}
seed=${SEED:-1}
dir=$(mktemp -d)
. tests/lib/served.sh
trap 'end_servers; rm -rf "$dir"' EXIT

skip() {
    printf 'schemathesis: skipped, %s\n' "$1"
    exit 0
}

tool=${SCHEMATHESIS:+$(realpath "$SCHEMATHESIS")}
if [ -z "$tool" ]; then
    python3 -m venv "$dir/venv" >"$dir/log" 2>&1 || skip "there is no python3 with venv"
    "$dir/venv/bin/python" -m pip install -q --disable-pip-version-check "schemathesis>=4,<5" >"$dir/log" 2>&1 ||
        skip "pip does not get it: $(tail -n 1 "$dir/log")"
    tool=$dir/venv/bin/schemathesis
fi

serve venue --demo --requests-per-minute 0 || exit 1
await_market || exit 1
V=$url

password='a quite long password 47'
body="{\"email\":\"ada@example.com\",\"password\":\"$password\",\"confirm_password\":\"$password\"}"
curl -sSf -o /dev/null "$V/signup" -H 'content-type: application/json' -d "$body" || exit 1
token=$(curl -sSf "$V/login" -d username=ada --data-urlencode "password=$password" | sed -E 's/.*"access_token":"([^"]+)".*/\1/')
[ -n "$token" ] || { echo "schemathesis: nobody could log in"; exit 1; }

checks=not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance
passed=0
failed=0
round() { # name, token, options …
    local name=$1 token=$2
    shift 2
    # It leaves notes where it runs.
    if (cd "$dir" && "$tool" run "$V/openapi.json" --url "$V" --checks "$checks" --phases examples,coverage,fuzzing \
        --max-examples "$examples" --seed "$seed" --workers 1 --request-timeout 15 --no-color --generation-database none \
        --suppress-health-check all --header "Authorization: Bearer $token" "$@" \
        >"$dir/$name.txt" 2>&1); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        tail -c 20000 "$dir/$name.txt"
    fi
    grep -E '^ *(Tested:|[0-9]+ generated)' "$dir/$name.txt" | sed "s/^ */$name: /"
}

# What would end the session that asks is left out, and what is the operator's.
round user "$token" --exclude-path-regex '^/api/v1/(admin/|sessions)'
round sessions "$token" --include-path-regex '^/api/v1/sessions' --exclude-method DELETE
round operator "$(cat "$dir/venue/operator.key")" --include-path-regex '^(/api/v1/admin/|/metrics)'
grep -iE 'panicked|request failed' "$server_log" && failed=$((failed + 1))
kill -0 "$server" 2>/dev/null || { echo "the venue is gone"; failed=$((failed + 1)); }
printf 'schemathesis: %s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
