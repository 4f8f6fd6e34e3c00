#!/usr/bin/env bash
# Fan-out of the venue beside a bare loop, nats-server and Node's ws, in one run; figures and method in benches/README.md.
#
#   benches/fanout.sh             ROUNDS=3, IDLE=5000: connections that are held; JSON in target/fanout/fanout.json
#
# nats-server (Debian: nats-server) and Node with its npm are used if they are there, and said to be left out if not.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
folder=$target/fanout
mkdir -p "$folder"
cargo build -q --release --locked -p papertape
cargo build -q --release --locked -p papertape-benches --bin fanout
cp benches/fanout/package.json benches/fanout/package-lock.json benches/fanout/server.mjs "$folder/"
if command -v npm >/dev/null; then
    npm --prefix "$folder" ci --no-audit --no-fund --silent || echo "npm could not install ws"
fi
"$target/release/fanout" --papertape "$target/release/papertape" --folder "$folder" \
    --rounds "${ROUNDS:-3}" --idle "${IDLE:-5000}" --json "$folder/fanout.json"
