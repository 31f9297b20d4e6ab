#!/usr/bin/env bash
# Everything that must hold before a change lands: format, lints, docs, tests, architecture, generated papers, scripts.
# A fresh Debian machine needs only Rust: what else is missing is installed here, and said.
set -euo pipefail
cd "$(dirname "$0")"
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-auto}"

say() { printf '\n== %s\n' "$*"; }

# Installs a Debian package that provides a program or a file, if that is missing.
need() { # program or path, package
    case "$1" in
        /*) [ ! -e "$1" ] || return 0 ;;
        *) ! command -v "$1" >/dev/null 2>&1 || return 0 ;;
    esac
    say "$1 is missing: installing Debian's $2"
    local as=""
    [ "$(id -u)" -eq 0 ] || as="sudo"
    $as apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $as apt-get install -y -qq --no-install-recommends "$2" >/dev/null
}

need cc gcc
need /usr/include/stdlib.h libc6-dev
need curl curl
need python3 python3
python3 -c 'import ensurepip, venv' 2>/dev/null || need /usr/share/doc/python3-venv python3-venv
need chromium chromium
need chromedriver chromium-driver
if ! cargo nextest --version >/dev/null 2>&1; then
    say "cargo-nextest is missing: installing it with cargo"
    cargo install cargo-nextest --locked --version 0.9.143
fi
for component in rustfmt clippy; do
    cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1 || rustup component add "$component"
done

# The search API that the log sources are tested with: a package of PyPI, kept beside the build. Without it those tests say so.
OSMEM="${CARGO_TARGET_DIR:-target}/osmem"
if ! "$OSMEM/bin/python" -c 'import osmem_server' 2>/dev/null; then
    say "osmem-server is missing: installing it with pip"
    python3 -c 'import ensurepip' 2>/dev/null || need /ensurepip python3-venv
    python3 -m venv --clear "$OSMEM"
    "$OSMEM/bin/pip" install --quiet --disable-pip-version-check 'osmem-server==0.1.6' ||
        say "osmem-server cannot be installed: the tests with a real search API are skipped"
fi
if OSMEM_SERVER_BIN=$("$OSMEM/bin/python" -c 'import osmem_server; print(osmem_server.resolve_binary())' 2>/dev/null); then
    export OSMEM_SERVER_BIN
fi

# The double of the model providers: a package of npm, kept beside the build. Without it those tests say so.
need node nodejs
need npm npm
if ! AIMOCK_BIN=$(tests/models_wire.sh --install); then
    say "aimock cannot be installed: the tests of the wires to language models against it are skipped"
    unset AIMOCK_BIN
else
    export AIMOCK_BIN
fi

say "format"
cargo fmt --all --check
say "lints"
cargo clippy --workspace --all-targets --locked -- -D warnings
say "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
say "tests"
cargo nextest run --workspace --locked
say "examples in the documentation"
cargo test --workspace --doc --locked --quiet
say "the main job, as a user runs it"
tests/main_job.sh
say "the running binary against its OpenAPI document"
tests/schemathesis.sh
say "the crash loop: kill -9 at random moments"
python3 tests/crash_loop "${CARGO_TARGET_DIR:-target}/debug/kubemedic" --workflows 40
python3 tests/crash_loop "${CARGO_TARGET_DIR:-target}/debug/kubemedic" --workflows 12 --external
say "all passed"
