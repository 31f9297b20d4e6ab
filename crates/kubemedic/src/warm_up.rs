//! Makes the engine's tables and expressions on a thread of its own, before or while they are needed. Nobody waits for it: whoever is
//! faster makes what it needs itself.

use std::{sync::Arc, thread};

use kubemedic_engine::{grounding, warm_up};
use kubemedic_model::evidence_object::WorkflowInput;

use crate::examination::examine;

/// What the thread is called in a debugger.
const NAME: &str = "warm-up";

/// An input with the troubles that are met most: what they need is compiled with them.
const USUAL: &str = r#"2026-03-14T09:26:41.502Z INFO  [cart] connecting to postgres at cart-db.shop.svc:5432
2026-03-14T09:26:42.013Z ERROR [cart] failed to connect to postgres at cart-db.shop.svc:5432: connection refused
2026-03-14T09:26:43.013Z ERROR [cart] dial tcp: lookup cart-db.shop.svc: no such host; request timed out
time="2026-03-14T09:26:44Z" level=error msg="required environment variable PAYMENT_URL is not set" pod=cart-0
{"level":"error","ts":"2026-03-14T09:26:45Z","msg":"x509: certificate has expired","namespace":"shop"}
2026-03-14T09:26:46.013Z WARN  [cart] heap usage 97% (249Mi of 256Mi), java.lang.OutOfMemoryError: Java heap space

$ kubectl get pods -n shop
NAME                    READY   STATUS             RESTARTS      AGE
cart-6d9c7b8f5d-kz4wq   0/1     CrashLoopBackOff   6 (41s ago)   14m
cart-7c5b9d8f64-m2xvl   0/1     ImagePullBackOff   0             9m

$ kubectl get events -n shop
LAST SEEN   TYPE      REASON             OBJECT                      MESSAGE
41s         Warning   BackOff            pod/cart-6d9c7b8f5d-kz4wq   Back-off restarting failed container cart
52s         Warning   OOMKilling         node/worker-1               Memory cgroup out of memory: Killed process 4711
61s         Warning   Failed             pod/cart-7c5b9d8f64-m2xvl   Failed to pull image "registry.example.com/cart:1": manifest unknown
71s         Warning   Unhealthy          pod/cart-6d9c7b8f5d-kz4wq   Readiness probe failed: HTTP probe failed with statuscode: 503
81s         Warning   FailedScheduling   pod/cart-8d9c7b8f5d-q7rtz   0/3 nodes are available: 3 Insufficient memory.
91s         Warning   FailedMount        pod/cart-8d9c7b8f5d-q7rtz   configmap "cart-config" not found
"#;

/// Makes what any input needs, beside reading it.
pub fn beside() {
    start(warm_up);
}

/// Makes what the first workflows need, beside the start; with a model also what its replies are checked with.
pub fn for_workflows(has_model: bool) {
    start(move || {
        warm_up();
        if has_model {
            grounding::warm_up();
        }
        drop(examine(WorkflowInput::Text(USUAL.to_owned()), &Arc::default()));
    });
}

/// A thread that cannot be had is no loss.
fn start(work: impl FnOnce() + Send + 'static) {
    if let Err(error) = thread::Builder::new().name(NAME.to_owned()).spawn(work) {
        tracing::debug!(%error, "nothing is warmed up");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kubemedic_model::{diagnosis::Verdict, evidence_object::WorkflowInput};

    #[test]
    fn the_usual_troubles_are_an_incident() {
        let examination = super::examine(WorkflowInput::Text(super::USUAL.to_owned()), &Arc::default());
        assert_eq!(examination.diagnosis.verdict, Verdict::Incident);
    }
}
