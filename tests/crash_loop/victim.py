"""The process under test: started, killed at random moments (`kill -9`), started again; and requests that outlive its crashes."""

import http.client
import json
import pathlib
import socket
import subprocess
import threading
import time

PATIENCE_SECONDS = 120


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Victim:
    """Runs the binary on two fixed ports and a folder. `rampage` kills it until it is told to leave it in peace."""

    def __init__(self, binary, folder, rng, environment):
        self.binary = str(pathlib.Path(binary).resolve())
        self.folder = folder
        self.rng = rng
        self.ports = {"backend": free_port(), "approvals": free_port()}
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "PORT": str(self.ports["backend"]),
            "APPROVAL_PORT": str(self.ports["approvals"]),
            **environment,
        }
        self.process = None
        self.kills = {"while starting": 0, "after a 202": 0, "at work": 0}
        self.starts = 0
        self.problems = []
        self.broken = False
        self.peace = threading.Event()
        self.wanted = threading.Event()

    def spawn(self):
        self.starts += 1
        with open(self.folder / "stderr.txt", "ab") as said:
            self.process = subprocess.Popen(
                [self.binary, "serve"], cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL, stderr=said
            )

    def wait_until_ready(self):
        """Whether it got ready; a process that ends by itself is a finding."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                self.problems.append(f"start {self.starts} ended by itself with status {self.process.returncode}")
                return False
            try:
                if once(self.ports["backend"], "GET", "/readyz", None, {}, 5)[0] == 200:
                    return True
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.01)
        self.problems.append(f"start {self.starts} was not ready after {PATIENCE_SECONDS} s")
        return False

    def kill(self, when):
        self.process.kill()
        self.process.wait()
        self.kills[when] += 1

    def rampage(self):
        """Kills until there is peace; then the process runs and is ready."""
        while True:
            self.spawn()
            if not self.peace.is_set() and self.rng.random() < 0.3:
                self.peace.wait(self.rng.uniform(0, 0.4))
                if not self.peace.is_set():
                    self.kill("while starting")
                    continue
            if not self.wait_until_ready():
                self.broken = True
                return
            self.wanted.clear()
            asked = self.wanted.wait(self.rng.uniform(0.1, 1.6))
            if self.peace.is_set():
                return
            if asked:
                time.sleep(self.rng.uniform(0, 0.02))
            self.kill("after a 202" if asked else "at work")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def total_kills(self):
        return sum(self.kills.values())


def once(port, method, path, body, headers, timeout):
    """One request; its status and whole answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


class Requests:
    """Requests with retries: what a crash swallows is sent again."""

    def __init__(self, victim):
        self.victim = victim

    def call(self, method, path, body=None, headers=None, to="backend"):
        """Status, JSON and how many answers were lost before."""
        data, sent = body, dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        lost = 0
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and not self.victim.broken:
            try:
                status, answer = once(self.victim.ports[to], method, path, data, sent, 30)
            except ConnectionRefusedError:
                time.sleep(0.02)
                continue
            except (OSError, http.client.HTTPException):
                lost += 1
                time.sleep(0.02)
                continue
            if status == 503:
                time.sleep(0.05)
                continue
            return status, json.loads(answer) if answer else None, lost
        if self.victim.broken:
            raise TimeoutError("the server is gone")
        raise TimeoutError(f"{method} {path} got no answer in {PATIENCE_SECONDS} s")

    def stream(self, workflow, follow):
        """All events of a stream, resumed with Last-Event-ID after each crash, as (number, text); gaps are for the caller."""
        events, resumed = [], 0
        deadline = time.monotonic() + PATIENCE_SECONDS
        path = f"/api/v1/workflows/{workflow}/stream" + ("?follow=true" if follow else "")
        while time.monotonic() < deadline and not self.victim.broken:
            headers = {"Last-Event-ID": str(events[-1][0])} if events else {}
            try:
                if read_stream(self.victim.ports["backend"], path, headers, events):
                    return events, resumed - 1
                resumed += 1
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
        raise TimeoutError(f"the stream of {workflow} (follow={follow}) did not end in {PATIENCE_SECONDS} s after {len(events)} events")


def read_stream(port, path, headers, events):
    """Reads frames until the answer ends, by itself or by a crash; whether the server says (204) that there is nothing more."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        if answer.status == 204:
            return True
        if answer.status != 200:
            raise AssertionError(f"GET {path} with {headers} answers {answer.status}: {answer.read()[:200]}")
        number = data = None
        while True:
            line = answer.readline()
            if not line:
                return False
            line = line.rstrip(b"\r\n")
            if line.startswith(b"id:"):
                number = int(line[3:])
            elif line.startswith(b"data:"):
                data = line[5:].strip().decode()
            elif not line and data is not None:
                events.append((number, data))
                number = data = None
    finally:
        connection.close()
