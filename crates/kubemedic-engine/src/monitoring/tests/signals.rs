//! What states a failure and what only looks like it.

use kubemedic_model::log::Severity;

use crate::monitoring::signal::plain_failure;

#[test]
fn plainly_stated_failures_are_seen() {
    let cases = [
        ("panic: runtime error: invalid memory address", Severity::Fatal),
        (
            "Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'",
            Severity::Error,
        ),
        ("java.lang.IllegalStateException: boom", Severity::Error),
        ("Error: Cannot find module 'x'", Severity::Error),
        ("failed to load configuration", Severity::Error),
        (
            "dial tcp 10.0.0.1:80: connect: connection refused",
            Severity::Error,
        ),
        ("pod a is in CrashLoopBackOff", Severity::Error),
        ("0/3 nodes are available: 3 Insufficient memory.", Severity::Error),
        ("write /data/x: no space left on device", Severity::Error),
        (
            "FATAL: password authentication failed for user \"app\"",
            Severity::Fatal,
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(plain_failure(text), Some(expected), "{text}");
    }
}

#[test]
fn counts_of_zero_paths_and_passed_tests_state_nothing() {
    let cases = [
        "batch done errors=0 failed=0",
        "42 passed, 0 failed",
        "{\"error\":null,\"ok\":true}",
        "done err=<nil> error=nil",
        "--- PASS: TestHandlesFailedLogin (0.00s)",
        "GET /errors/list HTTP/1.1\" 200 512",
        "GET /api/error 200 3ms",
        "mounted /var/log/error.log",
        "restartPolicy: OnFailure",
        "completed without error",
        "no errors found",
        "failed-jobs queue is empty",
        "listening on :8080",
        "Liveness:  http-get http://:8080/healthz delay=5s timeout=1s period=10s #success=1 #failure=3",
    ];
    for text in cases {
        assert_eq!(plain_failure(text), None, "{text}");
    }
}
