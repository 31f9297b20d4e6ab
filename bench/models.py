"""Measures workflows with and without a language model: python3 bench/models.py BINARY LLMOCK. Standard library; loopback only."""

import concurrent.futures
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

RUNS = 60
TOGETHER = 200
ANSWERS = [
    ("Say what the unusual findings mean", {"reasoning": "One error stands out.", "insights": []}),
    ("What is the root cause?", {
        "reasoning": "The last state says OOMKilled.", "causes": [{
            "failure_class": "oom-killed", "cause": None, "object": None, "claim": "H1", "explanation": "The kernel ended it.",
            "contributing_factors": [], "evidence": ["E1"], "confidence": 0.9}],
        "explanation_of_first": "It used more memory than its limit.", "disagreement_reason": None, "missing": []}),
    ("Improve the plans", {"reasoning": "The plan is good.", "plans": []}),
]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start_model(program, folder):
    fixtures = [{"match": {"userMessage": words}, "response": {"content": json.dumps(answer)}} for words, answer in ANSWERS]
    path = os.path.join(folder, "fixtures.json")
    with open(path, "w", encoding="utf8") as file:
        json.dump({"fixtures": fixtures}, file)
    port = free_port()
    command = ["node", program, "-p", str(port), "-h", "127.0.0.1", "-f", path]
    model = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 0.1).close()
            return model, f"http://127.0.0.1:{port}/v1"
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the model does not start")


def start(binary, folder, settings):
    environment = {"PATH": os.environ["PATH"], "PORT": "0", "APPROVAL_PORT": "0", **settings}
    server = subprocess.Popen([binary, "serve"], cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)
    for line in server.stderr:
        if "backend http://localhost:" in line:
            port = line.split("backend http://localhost:")[1].split(",")[0].strip()
            return server, f"http://127.0.0.1:{port}"
    raise SystemExit("the server did not start")


def peak_megabytes(server):
    with open(f"/proc/{server.pid}/status", encoding="ascii") as status:
        kilobytes = next(line for line in status if line.startswith("VmHWM")).split()[1]
    return int(kilobytes) / 1024


def workflow(address, log):
    """Milliseconds from the POST to the end of the default stream, and how many consultations were used."""
    began = time.perf_counter()
    request = urllib.request.Request(address + "/api/v1/workflows/start", data=log)
    with urllib.request.urlopen(request) as answer:
        identifier = json.load(answer)["workflow_id"]
    used = 0
    with urllib.request.urlopen(f"{address}/api/v1/workflows/{identifier}/stream") as stream:
        for line in stream:
            if line.startswith(b"data:") and b'"model.consulted"' in line:
                used += 1
    return (time.perf_counter() - began) * 1000, used


def measure(binary, log, settings):
    with tempfile.TemporaryDirectory() as folder:
        server, address = start(binary, folder, settings)
        try:
            for _ in range(5):
                workflow(address, log)
            single = [workflow(address, log + f"\nrun {run}".encode()) for run in range(RUNS)]
            with concurrent.futures.ThreadPoolExecutor(TOGETHER) as pool:
                logs = [log + f"\ntogether {run}".encode() for run in range(TOGETHER)]
                together = list(pool.map(lambda it: workflow(address, it), logs))
            return single, together, peak_megabytes(server)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def main():
    binary, program = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    with open("samples/checkout-outage.log", "rb") as file:
        log = file.read()
    with tempfile.TemporaryDirectory() as folder:
        model, url = start_model(program, folder)
        try:
            alone = measure(binary, log, {})
            asked = measure(binary, log, {
                "OPENAI_BASE_URL": url, "OPENAI_API_KEY": "sk-bench-0123456789", "OPENAI_MODEL": "bench",
                "MODEL_CACHE_ENTRIES": "0", "MODEL_CONCURRENCY": "64"})
        finally:
            model.terminate()
            model.wait(10)
    consulted = sum(used for _, used in asked[0] + asked[1])
    expected = 3 * (RUNS + TOGETHER)
    print("| measure | engine alone | with a model that answers at once |")
    print("|---|---|---|")
    median = [statistics.median(time for time, _ in it[0]) for it in (alone, asked)]
    print(f"| one workflow, median of {RUNS}, ms | {median[0]:.1f} | {median[1]:.1f} (+{median[1] - median[0]:.1f}) |")
    slowest = [max(time for time, _ in it[1]) for it in (alone, asked)]
    print(f"| {TOGETHER} workflows at a time, the slowest, ms | {slowest[0]:.0f} | {slowest[1]:.0f} |")
    print(f"| peak memory of the process, MB | {alone[2]:.0f} | {asked[2]:.0f} |")
    print(f"\n{consulted} of {expected} consultations were used.")
    if consulted != expected:
        raise SystemExit(1)


main()
