//! Templates.

use crate::monitoring::template_of;

#[test]
fn variable_parts_are_masked_and_the_rest_stays() {
    let cases = [
        (
            "request 8812 took 12ms for user 77",
            "request <*> took <*> for user <*>",
        ),
        (
            "dial tcp 10.0.3.17:5432: connect: connection refused",
            "dial tcp <*>: connect: connection refused",
        ),
        ("pod web-7d9c6b5f4-x2x9z restarted", "pod web-<*> restarted"),
        ("pod fluentd-x2x9z restarted", "pod fluentd-<*> restarted"),
        ("uid fc24ab8e-59a8-372c-f918-40677cc4203b gone", "uid <*> gone"),
        (
            "trace 531219f139bb76865a8ab1265ce60ecc failed",
            "trace <*> failed",
        ),
        (
            "relation \"orders2\" does not exist",
            "relation \"orders2\" does not exist",
        ),
        (
            "open /etc/app/config.yaml: no such file or directory",
            "open /etc/app/config.yaml: no such file or directory",
        ),
        ("GET /api/orders/8812 failed", "GET /api/orders/<*> failed"),
        (
            "exited with exit code 137 after 5m30s",
            "exited with exit code 137 after <*>",
        ),
        ("status=503 upstream=10.1.2.3:80", "status=503 upstream=<*>"),
        (
            "at 2024-05-07T11:59:28.664Z memory 64Mi of 128Mi (50%)",
            "at <*> memory <*> of <*> (<*>)",
        ),
        ("goroutine at 0x7d2c41", "goroutine at <*>"),
        ("first line\nsecond 12", "first line"),
        ("", ""),
    ];
    for (message, expected) in cases {
        assert_eq!(template_of(message), expected);
        assert_eq!(template_of(expected), expected, "a template is its own template");
    }
}
