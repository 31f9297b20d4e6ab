#!/usr/bin/env bash
# Workflows a second to their plan over HTTP with a durable journal, and 2,000 event streams at once: memory of each and how long an
# event takes to arrive. Loopback only; prints Markdown tables. `bench/server.sh streams` runs one of the two. Needs release builds.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${KUBEMEDIC_BINARY:-target/release/kubemedic}
[ -x "$binary" ] || cargo build --release --locked -p kubemedic
load=${LOAD_BINARY:-target/release/examples/load}
[ -x "$load" ] || cargo build --release --locked -p kubemedic-testkit --example load
exec python3 bench/server.py "$binary" "$load" "$@"
