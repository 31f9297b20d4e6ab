"""Times `kubemedic diagnose` of 1 MB from process start to end: python3 bench/diagnose.py BINARY. Standard library only; no network."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from main_job import log_of_one_megabyte

RUNS = 15
LOG_BYTES = 1_000_000


def healthy():
    """Ordinary lines of four formats, one in two thousand an error that its source gets over."""
    lines, size, number = [], 0, 0
    while size < LOG_BYTES:
        stamp = f"2026-03-14T09:{number // 60 % 60:02}:{number % 60:02}.{number % 1000:03}Z"
        forms = (
            f"{stamp} INFO  [main] com.acme.Orders: order {number} placed by user {number * 7919 % 100003} in {number % 900}ms",
            f'{{"level":"info","ts":"{stamp}","msg":"request finished","path":"/api/v1/items/{number}","status":200,"duration_ms":{number % 500}}}',
            f'time="{stamp}" level=info msg="retrieved {number % 900} pods" namespace=shop took={number % 60}ms',
            f'10.244.3.{number % 250} - - [14/Mar/2026:09:{number // 60 % 60:02}:{number % 60:02} +0000] "GET /cart/{number} HTTP/1.1" 200 {number % 9000}',
        )
        text = forms[number % 4]
        if number % 2000 == 1999:
            text = f"{stamp} WARN  [main] com.acme.Pool: connection lost, reconnecting\n{stamp} INFO  [main] com.acme.Pool: reconnected"
        lines.append(text)
        size += len(text) + 1
        number += 1
    return ("\n".join(lines) + "\n").encode()


def run(binary, path):
    """Milliseconds of wall clock and of processor time for one process, and its exit code."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    code = subprocess.run([binary, "diagnose", path], stdout=subprocess.DEVNULL, check=False).returncode
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if code != 0:
        raise SystemExit(f"diagnose ended with {code}")
    return wall * 1000, cpu * 1000


def main():
    binary = os.path.abspath(sys.argv[1])
    print("| `diagnose`, a fresh process | aim | best | median | processor |\n|---|---|---|---|---|")
    for name, log in [("1 MB without an incident", healthy()), ("1 MB with an incident", log_of_one_megabyte()), ("an empty file", b"")]:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "input.log")
            with open(path, "wb") as file:
                file.write(log)
            walls, cpus = zip(*(run(binary, path) for _ in range(RUNS)))
        aim = "30 ms" if log else ""
        print(f"| {name} | {aim} | {min(walls):.0f} ms | {statistics.median(walls):.0f} ms | {min(cpus):.0f} ms |")


if __name__ == "__main__":
    main()
