//! Proves the kernel's forms.

use super::*;

#[test]
fn audit_events_tell_their_time_and_what_was_denied() {
    let denied = parse("type=AVC msg=audit(1718180043.120:90): avc:  denied  { read }").expect("a line");
    assert_eq!(denied.severity, Severity::Warn);
    assert_eq!(denied.time, "2024-06-12T08:14:03.12Z".parse().ok());
    let allowed = parse("audit: type=1400 audit(1718180043.120:9): apparmor=\"STATUS\"").expect("a line");
    assert_eq!(
        (allowed.severity, allowed.message),
        (Severity::Info, "apparmor=\"STATUS\"")
    );
}

#[test]
fn other_brackets_and_types_are_not_the_kernels() {
    for line in [
        "[12.3s][info][gc] x",
        "[1] 2024",
        "type=ClusterIP",
        "audit passed",
        "<html>",
    ] {
        assert_eq!(parse(line), None, "{line}");
    }
}
