//! Proves that nothing is lost and nothing panics, whatever the text.

use proptest::prelude::*;

use crate::intake::{read_text, tests::assert_covered};

/// Lines that mean something to one of the readers, and lines that mean nothing.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,40}",
        Just("NAME   READY   STATUS   RESTARTS   AGE".to_owned()),
        Just("web-1   0/1   Error   0   3m".to_owned()),
        Just("Name:         web".to_owned()),
        Just("Namespace:    shop".to_owned()),
        Just("Events:".to_owned()),
        Just("  Warning  BackOff  1s  kubelet  again".to_owned()),
        Just("Traceback (most recent call last):".to_owned()),
        Just("panic: x".to_owned()),
        Just("\tat a.b(C.java:1)".to_owned()),
        Just("apiVersion: v1".to_owned()),
        Just("kind: Pod".to_owned()),
        Just("metadata:".to_owned()),
        Just("---".to_owned()),
        Just("{".to_owned()),
        Just("{\"level\":\"info\",\"msg\":\"x\"}".to_owned()),
        Just("$ kubectl describe pod web -n shop".to_owned()),
        Just("2016-10-06T00:17:09.669794202Z stdout P é".to_owned()),
        Just(String::new()),
    ]
}

proptest! {
    #[test]
    fn any_text_is_read_without_losing_a_line(lines in prop::collection::vec(line(), 0..20)) {
        assert_covered(&lines.join("\n"));
    }

    #[test]
    fn any_characters_are_read(text in "\\PC{0,300}") {
        read_text(&text);
    }
}

#[test]
fn the_only_namespace_that_is_named_is_the_snapshots() {
    assert_eq!(
        read_text("pod web-1 in namespace shop\n")
            .snapshot
            .namespace
            .as_deref(),
        Some("shop")
    );
    assert_eq!(read_text("ns a\nns b\n").snapshot.namespace, None);
}
