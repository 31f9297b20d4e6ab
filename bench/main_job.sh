#!/usr/bin/env bash
# Start-up time, idle memory, binary size and the time from POST to the plan for a 1 MB log, on loopback, each the median of
# several runs. Prints a Markdown table (docs/BENCHMARKS.md holds one of a quiet machine). Needs a release build.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -x target/release/kubemedic ] || cargo build --release --locked -p kubemedic
exec python3 bench/main_job.py target/release/kubemedic
