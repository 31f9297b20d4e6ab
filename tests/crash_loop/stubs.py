"""Programs that stand for the outside world: a kubectl that writes down every call, and an approval server of another make."""

import http.server
import json
import threading
import time

# One line a call, written at once before anything else happens: the words, separated by tabs.
KUBECTL = """#!/bin/sh
words=
for word in "$@"; do words="$words$word	"; done
printf '%s\\n' "$words" >> '{record}'
sleep 0.0$(( $$ % 8 + 1 ))
case "$words" in
    *"-o	json"*|*-ojson*) echo '{{"apiVersion": "v1", "kind": "List", "items": []}}' ;;
    *) echo done ;;
esac
"""

KUBECONFIG = """apiVersion: v1
kind: Config
contexts:
- name: staging
  context: {cluster: stage, user: me}
clusters:
- name: stage
  cluster: {server: 'https://10.0.0.1:6443'}
"""


def install_kubectl(folder):
    """Puts the stub and a kubeconfig into a folder; returns the environment that makes kubemedic use them."""
    program = folder / "bin" / "kubectl"
    program.parent.mkdir()
    program.write_text(KUBECTL.format(record=folder / "kubectl-calls.txt"), encoding="utf8")
    program.chmod(0o755)
    (folder / "kubeconfig").write_text(KUBECONFIG, encoding="utf8")
    return {
        "PATH": f"{program.parent}:/usr/bin:/bin",
        "KUBECONFIG": str(folder / "kubeconfig"),
        "EXECUTE_CONTEXT": "staging",
    }


def kubectl_calls(folder):
    """Every call that was made, as lists of words without the context."""
    record = folder / "kubectl-calls.txt"
    if not record.exists():
        return []
    calls = [line.split("\t")[:-1] for line in record.read_text(encoding="utf8").splitlines()]
    return [[word for word in call if not word.startswith("--context=")] for call in calls]


class ApprovalServer:
    """Speaks the contract's proposal rows, keeps idempotency keys, decides by itself and tells it by webhook until it is taken. Half of
    the proposals ask for a kill before they are answered."""

    def __init__(self, rng, webhook, wanted):
        self.rng = rng
        self.webhook = webhook
        self.wanted = wanted
        self.lock = threading.Lock()
        self.approvals = {}
        self.keys = {}
        self.sends = []
        self.problems = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.answer(*outer.propose(self.headers.get("Idempotency-Key"), body))

            def do_GET(self):
                self.answer(*outer.show(self.path))

            def answer(self, status, value):
                # The answer is slow, so that many are lost to a kill although the proposal is there.
                time.sleep(outer.rng.uniform(0, 0.15))
                data = json.dumps(value).encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                except OSError:
                    pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # a client that was killed is no error here
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def propose(self, key, body):
        with self.lock:
            self.sends.append(key)
            if key is None:
                self.problems.append("a proposal came without an Idempotency-Key")
            elif key in self.keys:
                known, kept = self.keys[key]
                if json.loads(kept) != json.loads(body):
                    self.problems.append(f"the key {key} came with another body")
                    return 409, {"detail": "the key was used for another body"}
                return 200, {"status": "pending", "approval_id": known}
            proposal = json.loads(body)
            identity = f"approval_{len(self.approvals) + 1}"
            approval = {"id": identity, "status": "pending", "key": key, **proposal}
            self.approvals[identity] = approval
            self.keys[key] = (identity, body)
        if self.rng.random() < 0.5:
            self.wanted.set()
        threading.Thread(target=self.decide, args=(identity, self.rng.uniform(0.3, 2.0)), daemon=True).start()
        return 200, {"status": "pending", "approval_id": identity}

    def decide(self, identity, after):
        time.sleep(after)
        with self.lock:
            approval = self.approvals[identity]
            approves = self.rng.random() < 0.7
            approval["status"] = "approved" if approves else "rejected"
            count = len(approval["commands"])
        report = {
            "approval_id": identity,
            "status": approval["status"],
            "approved_count": count if approves else 0,
            "rejected_count": 0 if approves else count,
            "event_id": f"decided-{identity}",
        }
        # As Standard Webhooks asks: again until it is taken, also when the receiver does not know the approval yet.
        while self.webhook(report)[0] != 200:
            time.sleep(0.1)

    def show(self, path):
        with self.lock:
            if path.endswith("/pending"):
                return 200, {"approvals": [it for it in self.approvals.values() if it["status"] == "pending"]}
            found = self.approvals.get(path.rsplit("/", 1)[-1])
            return (200, found) if found else (404, {"detail": "Not Found"})
