"""The crash loop: workflows with approvals, executions and ratings while the process is killed (`kill -9`) at random moments.

    python3 tests/crash_loop BINARY [--workflows 300] [--seed 1] [--clients 8] [--external]

Afterwards everything is looked at from outside: every accepted workflow ended, no event number is missing or doubled, no
proposal or execution is doubled, no feedback is lost. Exit 1 with the seed and the folder of the evidence where something is
wrong. `--external` puts another approval server behind MCP_SERVER_URL, which decides by webhook. Standard library only.
"""

import argparse
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time

from checks import Checks
from clients import Client
from stubs import ApprovalServer, install_kubectl
from victim import Requests, Victim


def arguments():
    parser = argparse.ArgumentParser(prog="crash_loop")
    parser.add_argument("binary")
    parser.add_argument("--workflows", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--external", action="store_true")
    return parser.parse_args()


def finish_orphans(requests, external):
    """Workflows whose 202 was lost in a crash have no client: they are decided here, so that they can end. Proposals of other
    programs may still be running."""
    deadline = time.monotonic() + 60
    while not external and time.monotonic() < deadline:
        pending = requests.call("GET", "/api/approvals/pending", to="approvals")[1]["approvals"]
        running = requests.call("GET", "/api/v1/workflows?status=running&limit=500")[1]
        for approval in pending:
            requests.call("POST", f"/api/approvals/{approval['id']}/reject", {"reason": "nobody waits for it"}, to="approvals")
        if not pending and not running:
            break
        time.sleep(0.1)
    while time.monotonic() < deadline:
        open_ones = [it for it in requests.call("GET", "/api/v1/workflows?limit=500")[1] if it["status"] != "closed"]
        approvals = [] if external else requests.call("GET", "/api/approvals", to="approvals")[1]["approvals"]
        states = {(it["execution"] or {}).get("state") for approval in approvals for it in approval["commands"]}
        if not open_ones and not states & {"waiting", "running"}:
            return
        time.sleep(0.1)


def show_progress(clients, victim, total, stop):
    while not stop.wait(0.5):
        done = sum(case.done for client in clients for case in client.cases)
        print(f"\r{done}/{total} workflows, {victim.total_kills()} kills", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def run_clients(clients, victim, total):
    stop = threading.Event()
    if sys.stderr.isatty():
        threading.Thread(target=show_progress, args=(clients, victim, total, stop), daemon=True).start()
    threads = [
        threading.Thread(target=client.run, args=(range(index, total, len(clients)),)) for index, client in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()


def summary(options, victim, clients, checks, seconds):
    cases = [case for client in clients for case in client.cases]
    lived = [case.kills_after - case.kills_before for case in cases if case.done]
    lost = {key: sum(client.lost[key] for client in clients) for key in clients[0].lost}
    rows = {
        "workflows asked for": options.workflows,
        "workflows accepted (also those whose 202 a crash swallowed)": checks.figures["workflows"],
        "kills": f"{victim.total_kills()} ({', '.join(f'{count} {when}' for when, count in victim.kills.items())})",
        "kills that a workflow lived through, mean and most": f"{sum(lived) / max(1, len(lived)):.1f}, {max(lived, default=0)}",
        "answers lost to a crash": ", ".join(f"{count} of {what}" for what, count in lost.items()),
        **{key: value for key, value in sorted(checks.figures.items()) if key != "workflows" and value},
        "seconds": f"{seconds:.0f}",
    }
    print("| crash loop | |\n|---|---|")
    for key, value in rows.items():
        print(f"| {key} | {value} |")


def main():
    options = arguments()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="crash-loop-"))
    rng = random.Random(options.seed)
    external = None
    environment = {} if options.external else install_kubectl(folder)
    victim = Victim(options.binary, folder, rng, environment)
    requests = Requests(victim)
    if options.external:
        webhook = lambda report: requests.call("POST", "/api/v1/feedback/mcp-approval", report)
        external = ApprovalServer(random.Random(options.seed + 1), webhook, victim.wanted)
        victim.environment["MCP_SERVER_URL"] = external.url
    clients = [
        Client(f"client-{index}", options.seed * 1000 + index, requests, options.external) for index in range(options.clients)
    ]
    began = time.monotonic()
    killer = threading.Thread(target=victim.rampage)
    killer.start()
    try:
        run_clients(clients, victim, options.workflows)
        victim.peace.set()
        killer.join()
        checks = Checks(requests, folder, [case for client in clients for case in client.cases], options.external)
        problems = victim.problems + [it for client in clients for it in client.problems]
        if not victim.broken:
            finish_orphans(requests, options.external)
            problems = checks.all() + problems
        if external:
            problems += external.problems
            checks.figures["proposals at the other server"] = len(external.approvals)
            checks.figures["proposals sent"] = len(external.sends)
    finally:
        victim.peace.set()
        killer.join()
        victim.stop()
    summary(options, victim, clients, checks, time.monotonic() - began)
    if problems:
        for problem in problems[:50]:
            print(f"crash_loop: {problem}", file=sys.stderr)
        print(f"crash_loop: {len(problems)} problems with seed {options.seed}; the evidence is in {folder}", file=sys.stderr)
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    print(f"crash_loop: passed with seed {options.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
