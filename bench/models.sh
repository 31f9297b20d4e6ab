#!/usr/bin/env bash
# What a language model that answers at once costs a workflow over the engine alone, and the memory of 200 workflows at a time. The
# model is npm's @copilotkit/aimock on loopback. Prints a Markdown table (docs/BENCHMARKS.md holds one of a quiet machine). Needs a
# release build, node and npm.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -x target/release/kubemedic ] || cargo build --release --locked -p kubemedic
AIMOCK="target/aimock"
if [ ! -x "$AIMOCK/node_modules/.bin/llmock" ]; then
    mkdir -p "$AIMOCK"
    npm install --silent --no-fund --no-audit --prefix "$AIMOCK" '@copilotkit/aimock@^1'
fi
exec python3 bench/models.py target/release/kubemedic "$AIMOCK/node_modules/.bin/llmock"
