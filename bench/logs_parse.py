"""Generates a mixed Kubernetes log and measures what reads it, one core each. Called by logs_parse.sh."""

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time

RUNS = 5
DRAIN_LINES = 100_000
LEVELS = ["INFO"] * 14 + ["DEBUG"] * 3 + ["WARN"] * 2 + ["ERROR"]


def name(r, length=5):
    return "".join(r.choices("bcdfghjklmnpqrstvwxz2456789", k=length))


def stamp(n):
    second, milli = divmod(n, 1000)
    hour, rest = divmod(second % 86400, 3600)
    return f"2026-03-{4 + second // 86400:02}T{hour:02}:{rest // 60:02}:{rest % 60:02}.{milli:03}Z"


def zap(r, t):
    level = r.choice(LEVELS).lower()
    return (
        f'{{"level":"{level}","ts":"{t}","logger":"gateway","msg":"{r.choice(["request served", "cache refreshed", "upstream slow"])}",'
        f'"path":"/api/v2/basket/{r.randrange(90000)}","status":{r.choice([200, 200, 200, 204, 404, 503])},"duration_ms":{r.randrange(900)},'
        f'"trace_id":"{r.getrandbits(128):032x}"}}'
    )


def pino(r, t):
    return (
        f'{{"level":{r.choice([30, 30, 30, 40, 50])},"time":17725{r.randrange(10**8):08},"pid":1,"hostname":"ledger-{name(r, 9)}-{name(r)}",'
        f'"msg":"booked {r.randrange(1, 9)} entries for account {r.randrange(10**6)}"}}'
    )


def klog(r, t):
    text = f'{r.choice("IIIIIWE")}0304 {t[11:23]}000    {r.randrange(1, 9)} {r.choice(["reconciler.go:224", "kubelet_pods.go:917", "event.go:377"])}] '
    return text + f'"Volume mounted for pod" pod="bank/ledger-{name(r, 9)}-{name(r)}" volume="data-{r.randrange(9)}" took="{r.randrange(999)}ms"'


def logfmt(r, t):
    return f'time="{t}" level={r.choice(LEVELS).lower()} msg="compacted {r.randrange(400)} blocks" tenant=t{r.randrange(40)} component=compactor took={r.randrange(9000)}ms'


def spring(r, t):
    return f'{t} {r.choice(LEVELS):5} 1 --- [nio-8080-exec-{r.randrange(1, 20)}] c.b.ledger.TransferService : transfer {r.randrange(10**7)} from {r.randrange(10**5)} settled in {r.randrange(500)} ms'


def words(r, t):
    return f'{t} {r.choice(LEVELS)} [worker-{r.randrange(8)}] queue.Consumer: message {r.getrandbits(64):016x} handled after {r.randrange(5)} retries'


def access(r, t):
    when = f"04/Mar/2026:{t[11:19]} +0000"
    return (
        f'10.{r.randrange(256)}.{r.randrange(256)}.{r.randrange(256)} - - [{when}] "{r.choice(["GET", "GET", "POST"])} /shop/item/{r.randrange(10**4)} HTTP/1.1" '
        f'{r.choice([200, 200, 200, 301, 404, 502])} {r.randrange(10**5)} "-" "Mozilla/5.0 (X11; Linux x86_64)"'
    )


def cri(r, t):
    return f"{t[:-1]}{r.randrange(10**6):06}Z {r.choice(['stdout', 'stderr'])} F " + r.choice([zap, logfmt, words])(r, t)


def plain(r, t):
    return r.choice([f"connection from 10.0.{r.randrange(256)}.{r.randrange(256)}:{r.randrange(65536)} accepted", "flushing buffers", f"loaded {r.randrange(900)} rules"])


def java_trace(r, t):
    yield f"{t} ERROR 1 --- [main] c.b.ledger.TransferService : transfer {r.randrange(10**7)} failed"
    yield "java.lang.IllegalStateException: account is frozen"
    for _ in range(r.randrange(3, 9)):
        yield f"\tat com.bank.ledger.{r.choice(['Transfer', 'Account', 'Store'])}.apply(Ledger.java:{r.randrange(900)})"


def python_trace(r, t):
    yield f"{t} ERROR scoring failed"
    yield "Traceback (most recent call last):"
    yield f'  File "/app/score.py", line {r.randrange(300)}, in score'
    yield "    return model.predict(row)"
    yield f"ValueError: row {r.randrange(10**6)} has no features"


def generate(path, count):
    r = random.Random(20260304)
    kinds = [zap, zap, zap, pino, klog, klog, logfmt, logfmt, spring, words, words, access, access, cri, cri, cri, plain]
    written = 0
    with open(path, "w", encoding="utf-8") as file:
        while written < count:
            t = stamp(written)
            pick = r.random()
            if pick < 0.004:
                lines = list((java_trace if pick < 0.002 else python_trace)(r, t))
            else:
                lines = [r.choice(kinds)(r, t)]
            file.write("\n".join(lines) + "\n")
            written += len(lines)
    return written


def pinned():
    os.sched_setaffinity(0, {0})


def best(command):
    """The least processor time (user and system) and the least wall time of the runs."""
    cpu = wall = float("inf")
    for _ in range(RUNS):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        with open(os.devnull, "wb") as sink:
            done = subprocess.run(command, stdout=sink, preexec_fn=pinned, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != 0:
            sys.exit(f"{command[0]} ended with {done.returncode}")
        wall = min(wall, time.perf_counter() - start)
        cpu = min(cpu, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return cpu, wall


def drain(binary, path):
    """drain3 on the messages alone: with their times and prefixes it makes a template of nearly every line, and takes minutes."""
    try:
        from drain3 import TemplateMiner
    except ImportError:
        return None
    with open(path, encoding="utf-8") as file:
        head = "".join(line for _, line in zip(range(DRAIN_LINES), file))
    parsed = subprocess.run([binary, "logs", "parse", "-"], input=head.encode(), stdout=subprocess.PIPE, check=True).stdout
    lines = [json.loads(line)["message"] for line in parsed.splitlines()]
    pinned()
    miner = TemplateMiner()
    start, wall = time.process_time(), time.perf_counter()
    for line in lines:
        miner.add_log_message(line)
    cpu, wall = time.process_time() - start, time.perf_counter() - wall
    return len(lines), sum(len(line) + 1 for line in lines), cpu, wall


def main():
    binary, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    path = os.path.join(folder, f"mixed-{count}.log")
    marker = path + ".lines"
    if not os.path.exists(marker):
        lines = generate(path, count)
        with open(marker, "w", encoding="utf-8") as file:
            file.write(str(lines))
    with open(marker, encoding="utf-8") as file:
        lines = int(file.read())
    size = os.path.getsize(path)
    rows = []
    cpu, wall = best([binary, "logs", "parse", path])
    rows.append(("`kubemedic logs parse` (format, severity, joined lines, template, redaction, JSON)", lines, size, cpu, wall))
    cpu, wall = best([binary, "logs", "redact", path])
    rows.append(("`kubemedic logs redact`", lines, size, cpu, wall))
    ripgrep = shutil.which("rg")
    if ripgrep:
        cpu, wall = best([ripgrep, "--no-config", "-j1", "-c", "ERROR|WARN", path])
        rows.append(("`rg -c 'ERROR\\|WARN'` (the ceiling)", lines, size, cpu, wall))
    measured = drain(binary, path)
    if measured:
        rows.append(("Python drain3 (templates alone, of messages read by kubemedic)", *measured))
    print(f"{lines} lines, {size / 1e6:.0f} MB, one core, best of {RUNS} runs; load of the machine {os.getloadavg()[0]:.1f}\n")
    print("| what | lines/s (CPU) | MB/s (CPU) | lines/s (wall) |\n|---|---|---|---|")
    for what, many, bytes_, cpu, wall in rows:
        print(f"| {what} | {many / cpu:,.0f} | {bytes_ / cpu / 1e6:,.0f} | {many / wall:,.0f} |")


main()
