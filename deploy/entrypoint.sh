#!/bin/sh
# Starts kubemedic in a container. Without API_TOKEN, makes one that lasts as long as the data folder, and prints it.
set -eu
token_file="${DATA_DIR:-/var/lib/kubemedic/data}/api-token"
if [ "${1:-}" = serve ] && [ -z "${API_TOKEN:-}" ] && [ "${ALLOW_UNAUTHENTICATED:-false}" != true ]; then
    if [ ! -s "$token_file" ]; then
        umask 077
        mkdir -p "$(dirname "$token_file")"
        head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > "$token_file"
    fi
    API_TOKEN=$(cat "$token_file")
    export API_TOKEN
    echo "kubemedic: API_TOKEN was not set; use this one: $API_TOKEN" >&2
fi
exec kubemedic "$@"
