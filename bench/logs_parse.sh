#!/usr/bin/env bash
# How fast `kubemedic logs parse` reads a log on one core, beside Python's drain3 (templates alone, on a part of the same
# file) and ripgrep (one search, the ceiling). One run, one file of its own making. Prints a Markdown table.
# Usage: bench/logs_parse.sh [LINES]   Needs Python 3 and a release build; drain3 and ripgrep are left out where missing.
set -euo pipefail
cd "$(dirname "$0")/.."
BINARY="${CARGO_TARGET_DIR:-target}/release/kubemedic"
[ -x "$BINARY" ] || cargo build --release --locked -p kubemedic
FOLDER="${CARGO_TARGET_DIR:-target}/bench-logs"
mkdir -p "$FOLDER"
if [ ! -x "$FOLDER/venv/bin/python" ]; then
    python3 -m venv "$FOLDER/venv" && "$FOLDER/venv/bin/pip" install --quiet drain3 || true
fi
PYTHON="$FOLDER/venv/bin/python"
[ -x "$PYTHON" ] || PYTHON=python3
exec "$PYTHON" bench/logs_parse.py "$BINARY" "$FOLDER" "${1:-2000000}"
