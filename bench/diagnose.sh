#!/usr/bin/env bash
# Times `kubemedic diagnose` of 1 MB as a process of its own, cold, start to end. Prints a Markdown table. Needs a release build.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${KUBEMEDIC_BINARY:-${CARGO_TARGET_DIR:-target}/release/kubemedic}
[ -x "$binary" ] || cargo build --release --locked -p kubemedic
exec python3 bench/diagnose.py "$binary"
