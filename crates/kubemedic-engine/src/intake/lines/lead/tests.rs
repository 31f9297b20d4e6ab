//! Proves what is taken off before a message and what stays.

use super::*;

#[test]
fn threads_processes_and_requests_are_no_part_of_the_message() {
    for (after, thread, message) in [
        ("[main] com.acme.Shop: up", Some("main"), "com.acme.Shop: up"),
        ("[606918] felix/x.go 3: up", Some("606918"), "felix/x.go 3: up"),
        (
            "1 --- [shop] [ main] c.a.Shop : up",
            Some("shop"),
            "c.a.Shop : up",
        ),
        ("<0.712.0> up", Some("0.712.0"), "up"),
        ("ThreadId(01) shop: up", Some("01"), "shop: up"),
        ("nova.api [req-1 - -] up", Some("req-1 - -"), "up"),
        ("[a:1:Send@688] - up", Some("a:1"), "up"),
    ] {
        let lead = strip(after);
        assert_eq!((lead.thread, lead.message), (thread, message), "{after}");
    }
}

#[test]
fn what_belongs_to_the_message_stays() {
    for after in [
        "[MY-010068] [Server] up",
        "[o.e.c.Disk] [es-0] up",
        "[ReplicaManager broker=1] up",
        "[output:es:es.0] up",
        "93 bytes",
        "The thread",
        "[main]",
    ] {
        assert_eq!(strip(after).message, after, "{after}");
    }
}
