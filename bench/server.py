"""Measures a kubemedic server under load: python3 bench/server.py BINARY LOAD. Loopback only; ends what it starts.

BINARY is kubemedic, LOAD the load generator (crates/kubemedic-testkit/examples/load)."""

import contextlib
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile

STREAMS = 2000


@contextlib.contextmanager
def server(binary):
    """A server on free ports with an empty data folder; yields the words that tell the load generator of it."""
    environment = {"PATH": os.environ["PATH"], "PORT": "0", "APPROVAL_PORT": "0"}
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        with open(os.path.join(folder, "stderr.txt"), "w+", encoding="utf8") as said:
            process = subprocess.Popen([binary, "serve"], cwd=folder, env=environment, stderr=said)
            try:
                yield [f"pid={process.pid}", *ports(process, said.name)]
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait()


def ports(process, path):
    while process.poll() is None:
        with open(path, encoding="utf8") as said:
            text = said.read()
        backend = re.search(r"backend http://localhost:(\d+)", text)
        approvals = re.search(r"approvals http://localhost:(\d+)", text)
        if backend and approvals:
            return [f"backend={backend[1]}", f"approvals={approvals[1]}"]
    raise SystemExit("the server did not start")


def measure(binary, load, *words):
    with server(binary) as known:
        done = subprocess.run([load, *words, *known], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def workflows(binary, load):
    print("| clients | workflows/s | aim | plan p50 | plan p99 | 202 p50 | 202 p99 | server CPU each | client CPU each | cores used (server + client) |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for clients in (1, 16, 64):
        told = measure(binary, load, "workflows", f"clients={clients}", "seconds=10")
        planned, accepted = told["planned_ms"], told["accepted_ms"]
        print(
            f"| {clients} | {told['workflows_per_second']:.0f} | 200 | {planned['p50']:.1f} ms | {planned['p99']:.1f} ms "
            f"| {accepted['p50']:.1f} ms | {accepted['p99']:.1f} ms | {told['server_cpu_ms_each']} ms | {told['client_cpu_ms_each']} ms "
            f"| {told['server_cores']} + {told['client_cores']} |",
            flush=True,
        )
    print(f"\nMean log: {told['mean_log_bytes']} bytes; the server's memory after the last row: {told['server_resident_mb']:.0f} MB.\n")


def streams(binary, load):
    print(f"| {STREAMS} streams | memory each | aim | delivery p50 | p90 | p99 | aim | events delivered |\n|---|---|---|---|---|---|---|---|")
    for spread, rounds in ((1, 5), (STREAMS, 1)):
        told = measure(binary, load, "streams", f"streams={STREAMS}", f"spread={spread}", f"rounds={rounds}")
        delivery = told["delivery_ms"]
        name = "on one workflow" if spread == 1 else f"on {spread} workflows"
        print(
            f"| {name} | {told['kib_each_first_round']:.0f} KiB | 50 KB | {delivery['p50']:.1f} ms | {delivery['p90']:.1f} ms "
            f"| {delivery['p99']:.1f} ms | 50 ms | {told['events_delivered']} |",
            flush=True,
        )


def main():
    binary, load = map(os.path.abspath, sys.argv[1:3])
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536), most))
    what = sys.argv[3:] or ["workflows", "streams"]
    if "workflows" in what:
        workflows(binary, load)
    if "streams" in what:
        streams(binary, load)


if __name__ == "__main__":
    main()
