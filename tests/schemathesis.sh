#!/usr/bin/env bash
# The running binary against its own OpenAPI document, on both ports: schemathesis makes requests that the document allows and
# requests that it does not. No answer is a 5xx (but the documented 502 of fetchlogs, which has no source here), and every answer
# has a documented status, content type and schema.
#
#     tests/schemathesis.sh [BINARY] [MAX_EXAMPLES] [SEED]
#
# Bounded as ./test.sh calls it; by hand for longer: tests/schemathesis.sh target/release/kubemedic 2000 7
set -euo pipefail
cd "$(dirname "$0")/.."

TARGET=${CARGO_TARGET_DIR:-target}
BINARY=$(realpath "${1:-$TARGET/debug/kubemedic}")
EXAMPLES=${2:-25} SEED=${3:-1}
# The pinned versions are in the name, so that another list makes another folder.
VENV="$TARGET/schemathesis-$(sha256sum tests/schemathesis.txt | cut -c1-12)"
WORK=$(mktemp -d)
SERVER=

fail() { printf 'schemathesis: %s\n' "$*" >&2; [ ! -s "$WORK/said" ] || tail -20 "$WORK/said" >&2; exit 1; }
end() { [ -z "$SERVER" ] || kill -TERM "$SERVER" 2>/dev/null || true; [ -z "$SERVER" ] || wait "$SERVER" 2>/dev/null || true; rm -rf "$WORK"; }
trap end EXIT

if [ ! -x "$VENV/bin/st" ]; then
    rm -rf "$VENV"
    python3 -m venv "$VENV"
    "$VENV/bin/pip" install --quiet --disable-pip-version-check -r tests/schemathesis.txt
fi
VENV=$(realpath "$VENV")

(cd "$WORK" && exec env -i PATH=/usr/bin:/bin PORT=0 APPROVAL_PORT=0 LOG_LEVEL=warn,kubemedic=info "$BINARY" serve) 2> "$WORK/said" &
SERVER=$!
address() { sed -n "s/.*$1 http:\/\/localhost:\([0-9]*\).*/http:\/\/127.0.0.1:\1/p" "$WORK/said" | head -1; }
for _ in $(seq 1 300); do
    BACKEND=$(address backend) APPROVALS=$(address approvals)
    [ -n "$APPROVALS" ] && curl -fsS -o /dev/null "$BACKEND/readyz" 2>/dev/null && break
    kill -0 "$SERVER" 2>/dev/null || fail "the server ended"
    sleep 0.1
done
[ -n "$APPROVALS" ] || fail "the server told no address"

# Something that exists, so that ids lead somewhere: a workflow with its approval and its feedback record, which taught something
# of a team.
value() { python3 -c 'import json,sys; v=json.load(sys.stdin)
for key in sys.argv[1].split("."): v=v[int(key)] if key.isdigit() else v[key]
print(v)' "$1"; }
ID=$(curl -fsS -X POST "$BACKEND/api/v1/workflows/start" -H 'Content-Type: text/plain' --data-binary @samples/checkout-outage.log | value workflow_id)
curl -fsSN --max-time 60 -o /dev/null "$BACKEND/api/v1/workflows/$ID/stream"
APPROVAL=$(curl -fsS "$BACKEND/api/v1/workflows/$ID" | value approvals.0)
FEEDBACK=$(curl -fsS "$BACKEND/api/v1/feedback/workflow/$ID" | value feedback_opportunities.0.feedback_id)
curl -fsS -o /dev/null -X POST "$BACKEND/api/v1/feedback/outcome" -H 'Content-Type: application/json' \
    -d "{\"feedback_id\": \"$FEEDBACK\", \"outcome\": \"resolved\"}"
TEAM=$(curl -fsS "$BACKEND/api/v1/feedback/statistics" | value learning.teams.0.name)

cat > "$WORK/schemathesis.toml" <<TOML
seed = $SEED
color = false
continue-on-failure = true
request-timeout = 10
# An endless stream ends here after a few events.
max-stream-events = 5
suppress-health-check = ["all"]

[generation]
max-examples = $EXAMPLES
database = "none"
no-shrink = false

[phases]
stateful.enabled = false

[checks]
enabled = false
not_a_server_error.enabled = true
status_code_conformance.enabled = true
content_type_conformance.enabled = true
response_schema_conformance.enabled = true

[dictionaries]
workflows = { values = ["$ID", "00000000-0000-0000-0000-000000000000"] }
approvals = { values = ["$APPROVAL"] }
feedback = { values = ["$FEEDBACK"] }
teams = { values = ["$TEAM"] }

[parameters]
"path.workflow_id" = { dictionary = "workflows", probability = 0.5 }
"path.approval_id" = { dictionary = "approvals", probability = 0.5 }
"body.feedback_id" = { dictionary = "feedback", probability = 0.5 }
"body.approval_id" = { dictionary = "approvals", probability = 0.5 }
"body.name" = { dictionary = "teams", probability = 0.5 }

[[operations]]
include-path = "/api/v1/fetchlogs"
checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", 502]

# A follower of an open workflow waits for people: the time-out of a request ends it.
[[operations]]
include-path = "/api/v1/workflows/{workflow_id}/stream"
request-timeout = 2
TOML

run() { # what, address, filter
    printf '\n-- %s\n' "$1"
    (cd "$WORK" && "$VENV/bin/st" run "$BACKEND/openapi.json" --url "$2" "$3" '^/api/approvals') || return 1
}
STATUS=0
run "the backend" "$BACKEND" --exclude-path-regex || STATUS=1
run "the approval server" "$APPROVALS" --include-path-regex || STATUS=1
kill -0 "$SERVER" 2>/dev/null || fail "the server is gone"
! grep -n 'panicked' "$WORK/said" || fail "a handler panicked"
[ "$STATUS" -eq 0 ] || fail "an answer is not what the document says"
printf 'schemathesis: passed\n'
