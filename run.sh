#!/usr/bin/env bash
# Builds kubemedic where that is needed, and runs it.
#   ./run.sh            serve: backend on 8000, approval server on 3100
#   ./run.sh --sample   serve, post a bundled log and print where to look
#   ./run.sh --verify   check the setup and stop
#   ./run.sh --embeddings   fetch a static embedding model into the data folder (18 MB, needed by nothing)
#   ./run.sh ...        any other words go to `kubemedic serve`
set -euo pipefail
cd "$(dirname "$0")"

BINARY="${CARGO_TARGET_DIR:-target}/release/kubemedic"
SAMPLE=samples/checkout-outage.log

say() { printf '%s\n' "$*" >&2; }

install_debian() { # package
    command -v apt-get >/dev/null 2>&1 || { say "Install $1 with your package manager, then run this again."; exit 64; }
    say "Installing Debian's $1 (needed once)."
    local as=""
    [ "$(id -u)" -eq 0 ] || as="sudo"
    $as apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $as apt-get install -y -qq --no-install-recommends "$1" >/dev/null
}

build() {
    if ! command -v cargo >/dev/null 2>&1; then
        say "cargo is missing: install Rust 1.95 or newer (https://rustup.rs), then run this again."
        exit 64
    fi
    # ring and SQLite are C: a linker and a compiler are all that Rust's own installation lacks.
    command -v cc >/dev/null 2>&1 || install_debian gcc
    [ -e /usr/include/stdlib.h ] || [ "$(uname -s)" != Linux ] || install_debian libc6-dev
    if [ ! -x "$BINARY" ]; then
        say "Building kubemedic: several minutes the first time on two cores, seconds after that."
        cargo build --release --locked -p kubemedic
    else
        cargo build --release --locked -p kubemedic --quiet
    fi
}

# Waits until the backend answers, at most 30 seconds; fails at once when the server has ended.
wait_ready() { # url, process
    for _ in $(seq 1 300); do
        kill -0 "$2" 2>/dev/null || return 1
        curl -fsS -o /dev/null "$1/healthz" 2>/dev/null && return 0
        sleep 0.1
    done
    return 1
}

serve_sample() {
    command -v curl >/dev/null 2>&1 || install_debian curl
    "$BINARY" serve "$@" &
    local server=$!
    trap 'kill -TERM $server 2>/dev/null; wait $server' INT TERM EXIT
    local port approval
    port=$("$BINARY" settings --value PORT)
    approval=$("$BINARY" settings --value APPROVAL_PORT)
    local url="http://127.0.0.1:$port"
    wait_ready "$url" "$server" || { say "The server did not start: see the lines above."; exit 1; }
    local answer id
    local auth=() token
    token=$("$BINARY" settings --value API_TOKEN)
    [ -z "$token" ] || auth=(-H "Authorization: Bearer $token")
    answer=$(curl -fsS ${auth[@]+"${auth[@]}"} -H 'Content-Type: text/plain' --data-binary "@$SAMPLE" "$url/api/v1/workflows/start")
    id=$(printf '%s' "$answer" | sed 's/.*"workflow_id" *: *"\([^"]*\)".*/\1/')
    say ""
    say "A sample log was posted. Where to look:"
    say "  watch the agents   curl -N $url/api/v1/workflows/$id/stream"
    say "  decide             http://127.0.0.1:$approval/"
    say "  the API            $url/docs"
    say "  what was learnt    curl $url/api/v1/feedback/statistics"
    say "Ctrl-C stops the server; nothing is lost."
    wait "$server"
}

build
case "${1:-}" in
    --verify) shift; exec "$BINARY" verify "$@" ;;
    --sample) shift; serve_sample "$@" ;;
    --embeddings) exec deploy/embeddings.sh "$("$BINARY" settings --value DATA_DIR)" ;;
    *) exec "$BINARY" serve "$@" ;;
esac
