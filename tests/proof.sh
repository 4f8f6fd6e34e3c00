#!/usr/bin/env bash
# What `make test` does for the journal, at its full figures. Takes somewhat more than an hour on two cores: the simulated
# lives need a processor, while the kills and the power losses mostly wait, so they run side by side.
# docs/reliability.md has the results.
#
#   tests/proof.sh        PROOF_SEEDS=n lives of the simulation, PROOF_LOOPS=n kills, POWER=n power losses, CALLS=n
set -uo pipefail
cd "$(dirname "$0")/.."

papertape=${PAPERTAPE:-target/release/papertape}
seeds=${PROOF_SEEDS:-1000000}
notes=$(mktemp -d)
trap 'rm -rf "$notes"' EXIT

part() { # name, command …
    local name=$1 begun=$SECONDS code=0
    shift
    printf '\n== %s\n' "$name"
    "$@" || code=$?
    printf '== %s: %s after %s s\n' "$name" "$([ "$code" = 0 ] && echo passed || echo "FAILED with $code")" $((SECONDS - begun))
    printf '%s\t%s\n' "$code" "$name" >>"$notes/parts"
}

# One process for each processor but one, each with its share. A life ends and begins some ten times, and each time has
# tables of a few MiB of which it uses little: malloc is told to ask the system for them, which zeroes only what is touched.
lives() {
    local -x MALLOC_MMAP_THRESHOLD_=1000000
    local workers share pids=() code=0
    workers=$(($(nproc) > 2 ? $(nproc) - 1 : 1))
    share=$(((seeds + workers - 1) / workers))
    for worker in $(seq 0 $((workers - 1))); do
        "$papertape" sim --seeds "$((worker * share))..$(((worker + 1) * share))" --steps 60 &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid" || code=$?; done
    return "$code"
}

simulated() {
    # The other two wait for a venue, and so for passwords, which give way to everybody else.
    renice -n 15 -p "$BASHPID" >/dev/null
    part "canaries" cargo test -q --release --locked -p papertape-sim --test canaries
    part "the journal's own tests" env PAPERTAPE_PROOF=full cargo test -q --release --locked -p papertape-journal
    part "2,000 longer lives" "$papertape" sim --seeds 0..2000 --steps 1500
    part "$seeds simulated lives" lives
}

killed() {
    part "kill -9" tests/kill9.sh "${PROOF_LOOPS:-1000}"
    part "a million records before the reader in Python" tests/reader.sh
}

unplugged() {
    part "power losses under group" tests/power.sh "${POWER:-200}" group
    part "power losses under group+mark" tests/power.sh "${POWER:-200}" group+mark
    part "failing calls" tests/failing-calls.sh "${CALLS:-40}"
}

lanes=(simulated killed unplugged)
pids=()
for lane in "${lanes[@]}"; do
    "$lane" >"$notes/$lane" 2>&1 &
    pids+=($!)
done
for index in "${!lanes[@]}"; do
    wait "${pids[$index]}"
    cat "$notes/${lanes[$index]}"
done

printf '\n'
sed 's/^0\t/passed  /; s/^[0-9]*\t/FAILED  /' "$notes/parts"
failed=$(grep -cv '^0' "$notes/parts")
printf 'proof: %s of 9 parts failed\n' "$failed"
[ "$failed" = 0 ] && [ "$(wc -l <"$notes/parts")" = 9 ]
