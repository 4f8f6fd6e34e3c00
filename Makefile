# run    build everything and serve a demonstration venue on http://127.0.0.1:8080
# test   every test; what needs a tool that is missing is skipped, and says so
# check  what CI runs: format, lints, tests
# proof  the journal's tests at their full figures: more than an hour; results in docs/reliability.md
# fuzz   random streams, engine beside reference model, until stopped or different (SEED=, SEEDS=: docs/testing.md)
# fuzz-decoders  every decoder, fed with bytes that nobody meant, for INPUTS= (20000000) inputs each
# bench  benchmarks, each beside its floor; figures and method in benches/README.md
# bench-peers   the same order flow through our engine and the public crates; SSE=folder of the Shanghai day
# bench-growth  what a message costs with more symbols, orders, accounts
# load   orders over TCP and WebSocket on a schedule, beside an echo server; RATE=, LOAD_SECONDS=; result in docs/latency.md
# hostile  what clients that mean no good cost the others; RATE=, LOAD_SECONDS=
# soak   a thousand followers and two hundred sessions that are cut, for SOAK_SECONDS= (1200)
# bench-fanout  market data to 100 and 1,000 WebSockets, beside a bare loop, nats-server and Node's ws

DATA ?= data
LISTEN ?= 127.0.0.1:8080
SSE ?= $(or $(PAPERTAPE_DATA),../shared/data)/sse
ROUNDS ?= 11
RATE ?= 50000
LOAD_SECONDS ?= 10
SOAK_SECONDS ?= 1200
INPUTS ?= 20000000
WEB := $(shell find web/src web/public web/index.html web/package-lock.json web/vite.config.ts -type f 2>/dev/null)

.PHONY: run build test check proof fmt lint web fuzz fuzz-decoders bench bench-peers bench-growth bench-fanout load hostile soak clean

run: build
	target/release/papertape serve --demo --data $(DATA) --listen $(LISTEN)

build: web/dist/index.html
	cargo build --release --locked -p papertape

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	@touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(WEB)
	cd web && npm run build

test: web/dist/index.html
	tests/all.sh

check: fmt lint test

proof: build
	tests/proof.sh

fmt:
	cargo fmt --all --check

lint: web/node_modules/.package-lock.json
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cd web && npm run check

fuzz:
	SEED=$(SEED) SEEDS=$(SEEDS) COMMANDS=$(COMMANDS) THREADS=$(THREADS) \
	    cargo run --release --locked -p papertape-tests --bin fuzz

fuzz-decoders:
	PAPERTAPE_INPUTS=$(INPUTS) PAPERTAPE_SEED=$(or $(SEED),$(shell date +%s)) \
	    cargo test --release --locked -p papertape-system-tests --test decoders

bench:
	cargo bench --locked -p papertape-benches --bench book --bench engine --bench journal --bench pipeline --bench recovery

bench-peers:
	cargo bench --locked -p papertape-benches --bench peers -- --rounds $(ROUNDS) --sse $(abspath $(SSE)) --plot $(abspath benches/plots/peers.svg)

bench-growth:
	cargo bench --locked -p papertape-benches --bench growth -- --rounds $(ROUNDS)

bench-fanout:
	benches/fanout.sh

load: build
	RATE=$(RATE) LOAD_SECONDS=$(LOAD_SECONDS) benches/load.sh

hostile: build
	benches/hostile.sh

soak: build
	cargo run --release --locked -p papertape-benches --bin soak -- --seconds $(SOAK_SECONDS)

clean:
	cargo clean
	rm -rf web/dist web/node_modules
