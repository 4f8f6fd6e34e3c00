#!/usr/bin/env bash
# What `make test` does for the journal, at its full figures. Takes two to three hours on two cores, an hour where the kills
# have a machine to themselves; docs/reliability.md has the results.
#
#   tests/proof.sh        PROOF_SEEDS=n lives of the simulation, PROOF_LOOPS=n kills, POWER=n power losses, CALLS=n
set -uo pipefail
cd "$(dirname "$0")/.."

papertape=${PAPERTAPE:-target/release/papertape}
seeds=${PROOF_SEEDS:-1000000}
failed=0

part() { # name, command …
    local name=$1 begun=$SECONDS code=0
    shift
    printf '\n== %s\n' "$name"
    "$@" || code=$?
    printf '== %s: %s after %s s\n' "$name" "$([ "$code" = 0 ] && echo passed || echo "FAILED with $code")" $((SECONDS - begun))
    [ "$code" = 0 ] || failed=$((failed + 1))
}

# One process a processor, each with its share. A life ends and begins some ten times, and each time has tables of a few
# MiB of which it uses little: malloc is told to ask the system for them, which zeroes only what is touched.
lives() {
    local -x MALLOC_MMAP_THRESHOLD_=1000000
    local workers share pids=() code=0
    workers=$(nproc)
    share=$(((seeds + workers - 1) / workers))
    for worker in $(seq 0 $((workers - 1))); do
        "$papertape" sim --seeds "$((worker * share))..$(((worker + 1) * share))" --steps 60 &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid" || code=$?; done
    return "$code"
}

part "$seeds simulated lives" lives
part "2,000 longer lives" "$papertape" sim --seeds 0..2000 --steps 1500
part "canaries" cargo test -q --release --locked -p papertape-sim --test canaries
part "the journal's own tests" env PAPERTAPE_PROOF=full cargo test -q --release --locked -p papertape-journal
part "kill -9" tests/kill9.sh "${PROOF_LOOPS:-1000}"
part "power losses under group" tests/power.sh "${POWER:-200}" group
part "power losses under group+mark" tests/power.sh "${POWER:-200}" group+mark
part "a million records before the reader in Python" tests/reader.sh
part "failing calls" tests/failing-calls.sh "${CALLS:-40}"
printf '\nproof: %s of 9 parts failed\n' "$failed"
[ "$failed" = 0 ]
