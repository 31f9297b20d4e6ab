#!/usr/bin/env bash
# The main job as the README tells it: ./run.sh --verify, ./run.sh --sample, the curls of "Testing the System", and the end.
# Runs in a copy of the working folder's scripts with data of its own; the binary is built by run.sh itself.
set -euo pipefail
cd "$(dirname "$0")/.."

WORK=$(mktemp -d)
PORTS=(18000 13100)
export HOST=127.0.0.1 PORT=${PORTS[0]} APPROVAL_PORT=${PORTS[1]} DATA_DIR="$WORK/data" LOG_DIR="$WORK/logs"
URL="http://127.0.0.1:$PORT"
SERVER=

fail() { printf 'main_job: %s\n' "$*" >&2; [ ! -s "$WORK/said" ] || tail -40 "$WORK/said" >&2; exit 1; }
end() { [ -z "$SERVER" ] || kill -TERM "$SERVER" 2>/dev/null || true; [ -z "$SERVER" ] || wait "$SERVER" 2>/dev/null || true; rm -rf "$WORK"; }
trap end EXIT

# The value of a key of a JSON object on standard input.
value() { python3 -c 'import json,sys; v=json.load(sys.stdin)
for key in sys.argv[1].split("."): v=v[int(key)] if key.isdigit() else v[key]
print(v)' "$1"; }

./run.sh --verify > "$WORK/verified" || fail "run.sh --verify: $(cat "$WORK/verified")"
grep -q '^ok .*store' "$WORK/verified" || fail "verify does not speak of the store"

./run.sh --sample > "$WORK/said" 2>&1 &
SERVER=$!
for _ in $(seq 1 600); do
    grep -q 'Where to look' "$WORK/said" && break
    kill -0 "$SERVER" 2>/dev/null || fail "run.sh --sample ended"
    sleep 0.1
done
STREAM=$(sed -n 's/.*curl -N \(http[^ ]*\).*/\1/p' "$WORK/said")
[ -n "$STREAM" ] || fail "no stream was told"
curl -fsSN --max-time 60 "$STREAM" > "$WORK/stream"
for agent in OrchestratorAgent MonitoringAgent AnalysisAgent RemediationAgent KubectlCommandAgent; do
    grep -q "\"agent_name\":\"$agent\",\"status\":\"COMPLETED\"" "$WORK/stream" || fail "$agent did not complete"
done

# ORIGINAL.md, "Testing the System", with the returned ids.
ID=$(curl -fsS -X POST "$URL/api/v1/workflows/start" -H "Content-Type: text/plain" \
    -d "ERROR: Pod api-service-7b4f9d in namespace production is in CrashLoopBackOff state" | value workflow_id)
curl -fsSN --max-time 60 "$URL/api/v1/workflows/$ID/stream" > "$WORK/stream"
grep -q 'Approval ID: ' "$WORK/stream" || fail "nothing was submitted for approval"
FEEDBACK=$(curl -fsS "$URL/api/v1/feedback/workflow/$ID" | value feedback_opportunities.0.feedback_id)
curl -fsS -X POST "$URL/api/v1/feedback/submit" -H "Content-Type: application/json" \
    -d "{\"feedback_id\": \"$FEEDBACK\", \"rating\": 5, \"was_helpful\": true}" | value success | grep -q True || fail "the rating was refused"
RATED=$(curl -fsS "$URL/api/v1/feedback/statistics" | value agent_statistics.RemediationAgent.average_reward)
[ "$RATED" = 1.0 ] || fail "the average reward is $RATED"
for page in /docs /redoc /openapi.json /healthz /readyz /metrics; do
    curl -fsS -o /dev/null "$URL$page" || fail "$page does not answer"
done
curl -fsS "http://127.0.0.1:$APPROVAL_PORT/" | grep -q 'for you' || fail "the approval page lists nothing"
kill -TERM "$SERVER"
wait "$SERVER" || true
SERVER=
printf 'main_job: 1 passed, 0 failed\n'
