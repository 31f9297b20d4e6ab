//! What may stand in a command line.

use kubemedic_model::resource::Kind;
use serde_json::json;

use super::{Line, describe, get, is_value, list, locate};
use crate::remediation::site::Target;

fn target(kind: Kind, namespace: Option<&str>, name: &str) -> Target {
    Target {
        kind,
        namespace: namespace.map(str::to_owned),
        name: name.to_owned(),
        derived: false,
    }
}

#[test]
fn a_namespaced_object_without_a_namespace_is_no_command() {
    assert_eq!(get(&target(Kind::Pod, None, "cart-0")), None);
    assert_eq!(list("pods", None), None);
    let node = get(&target(Kind::Node, None, "worker-1")).unwrap();
    assert_eq!(node.argv(), ["kubectl", "get", "node", "worker-1"]);
}

#[test]
fn a_name_that_is_no_object_name_refuses_the_line() {
    for name in [
        "", "-A", "--all", "a b", "a;b", "$(id)", "<pod>", "Cart", "a/b", "..", "a\nb", "k\u{e9}",
    ] {
        assert_eq!(describe(&target(Kind::Pod, Some("shop"), name)), None, "{name}");
        assert_eq!(describe(&target(Kind::Pod, Some(name), "cart-0")), None, "{name}");
        assert_eq!(locate(&Kind::Pod, name), None, "{name}");
    }
}

#[test]
fn a_value_is_printable_short_and_filled_in() {
    for value in [
        "256Mi",
        "registry.example:5000/a/b@sha256:00ff",
        "redis:6379",
        "/var/cache",
    ] {
        assert!(is_value(value), "{value}");
    }
    for value in [
        "", "-x", "<tag>", "a b", "${X}", "x...", "YOUR_TAG", "a|b", "{name}", "a\"b",
    ] {
        assert!(!is_value(value), "{value}");
    }
    assert!(!is_value(&"x".repeat(257)));
}

#[test]
fn every_string_of_a_patch_is_checked() {
    let line = |body| Line::kubectl(&["patch"]).patch(&body).finish();
    assert!(line(json!({"spec": {"a": ["b", null, 1, true]}})).is_some());
    assert_eq!(line(json!({"spec": {"a": ["b c"]}})), None);
    assert_eq!(line(json!({"<key>": 1})), None);
}
