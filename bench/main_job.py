"""Measures the main job of a kubemedic binary: python3 bench/main_job.py BINARY. Standard library only; loopback only."""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

RUNS = 7
LOG_BYTES = 1 << 20


def log_of_one_megabyte():
    """Ordinary lines, one error in a hundred, and the bundled sample's kubectl output at the end."""
    lines, size, number = [], 0, 0
    with open("samples/checkout-outage.log", encoding="utf8") as sample:
        tail = sample.read()
    while size < LOG_BYTES - len(tail):
        stamp = f"2026-03-14T09:{number // 60 % 60:02}:{number % 60:02}.{number % 1000:03}Z"
        text = f"{stamp} INFO  [checkout] order {number} placed by customer {number * 7919 % 100003} in {number % 90} ms"
        if number % 100 == 0:
            text = f"{stamp} ERROR [checkout] order {number}: connection to orders-db.shop.svc:5432 reset by peer"
        lines.append(text)
        size += len(text) + 1
        number += 1
    return ("\n".join(lines) + "\n" + tail).encode()


def start(binary, folder):
    """Starts a server on free ports; returns it with its address and the milliseconds until it answered."""
    environment = {"PATH": os.environ["PATH"], "PORT": "0", "APPROVAL_PORT": "0"}
    began = time.perf_counter()
    server = subprocess.Popen([binary, "serve"], cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)
    for line in server.stderr:
        if "backend http://localhost:" in line:
            port = line.split("backend http://localhost:")[1].split(",")[0].strip()
            break
    else:
        raise SystemExit("the server did not start")
    address = f"http://127.0.0.1:{port}"
    urllib.request.urlopen(address + "/healthz").read()
    return server, address, (time.perf_counter() - began) * 1000


def resident_megabytes(server):
    with open(f"/proc/{server.pid}/status", encoding="ascii") as status:
        kilobytes = next(line for line in status if line.startswith("VmRSS")).split()[1]
    return int(kilobytes) / 1024


def milliseconds_to_plan(address, log):
    """From the first byte of the POST to the RemediationAgent's COMPLETED event."""
    began = time.perf_counter()
    request = urllib.request.Request(address + "/api/v1/workflows/start", data=log, headers={"Content-Type": "text/plain"})
    workflow = json.load(urllib.request.urlopen(request))["workflow_id"]
    with urllib.request.urlopen(f"{address}/api/v1/workflows/{workflow}/stream") as stream:
        for line in stream:
            if line.startswith(b"data:"):
                event = json.loads(line[5:])
                if event["agent_name"] == "RemediationAgent" and event["status"] == "COMPLETED":
                    return (time.perf_counter() - began) * 1000
    raise SystemExit("the stream ended without a plan")


def main():
    binary = os.path.abspath(sys.argv[1])
    log = log_of_one_megabyte()
    starts, memory, plans = [], [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            server, address, milliseconds = start(binary, folder)
            try:
                starts.append(milliseconds)
                memory.append(resident_megabytes(server))
                milliseconds_to_plan(address, log)  # the first one compiles patterns
                plans.append(milliseconds_to_plan(address, log))
            finally:
                server.send_signal(signal.SIGTERM)
                server.wait()
    size = os.path.getsize(binary) / (1 << 20)
    print("| measure | aim | median | worst |\n|---|---|---|---|")
    print(f"| start-up to the first answer | 100 ms | {statistics.median(starts):.0f} ms | {max(starts):.0f} ms |")
    print(f"| idle memory (resident) | 60 MB | {statistics.median(memory):.0f} MB | {max(memory):.0f} MB |")
    print(f"| binary size | 40 MB | {size:.1f} MB | |")
    print(f"| POST of a 1 MB log to the plan | 50 ms | {statistics.median(plans):.0f} ms | {max(plans):.0f} ms |")


if __name__ == "__main__":
    main()
