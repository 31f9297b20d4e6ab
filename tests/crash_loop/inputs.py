"""What the workflows of the crash loop are started with: own texts, each with a namespace of its own, so that the argv of every
command tells the workflow. It knows nothing of servers."""

import gzip
import json
import pathlib

SAMPLE = pathlib.Path(__file__).parents[2] / "samples" / "checkout-outage.log"

PODS = """NAME                       READY   STATUS             RESTARTS   AGE
mailer-5f7d8c9b6d-x2x7k    0/1     ImagePullBackOff   0          7m
mailer-db-0                1/1     Running            0          3d
"""

EVENTS = """LAST SEEN   TYPE      REASON    OBJECT                        MESSAGE
2m          Warning   Failed    pod/mailer-5f7d8c9b6d-x2x7k   Failed to pull image "registry.example.com/mailer:2.41": not found
1m          Warning   BackOff   pod/mailer-5f7d8c9b6d-x2x7k   Back-off pulling image "registry.example.com/mailer:2.41"
"""


def of(number, kind):
    """Headers, body and a sign of life: whether the input has something to repair."""
    namespace = f"shop-{number}"
    plain = {"Content-Type": "text/plain"}
    if kind == "outage":
        return plain, SAMPLE.read_text(encoding="utf8").replace("shop", namespace).encode()
    if kind == "zipped":
        text = SAMPLE.read_text(encoding="utf8").replace("shop", namespace)
        return {**plain, "Content-Encoding": "gzip"}, gzip.compress(text.encode())
    if kind == "line":
        return plain, f"ERROR: Pod api-service-7b4f9d in namespace {namespace} is in CrashLoopBackOff state".encode()
    if kind == "evidence":
        evidence = {
            "namespace": namespace,
            "kubectl": {f"kubectl get pods -n {namespace}": PODS, f"kubectl get events -n {namespace}": EVENTS},
        }
        return {"Content-Type": "application/json"}, json.dumps(evidence).encode()
    lines = [f"2026-03-14T09:26:{second:02}Z INFO [{namespace}] order {second} placed" for second in range(40)]
    return plain, "\n".join(lines).encode()


KINDS = ["outage", "zipped", "line", "evidence", "evidence", "healthy"]
