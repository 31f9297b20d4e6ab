//! Tools give bounded text whatever they are asked.

use serde_json::json;

use super::*;
use crate::{analysis, intake, monitoring};

const TEXT: &str = "$ kubectl get pods -n shop\n\
NAME                    READY   STATUS             RESTARTS   AGE\n\
cart-6d9c8b7f54-k2lzq   0/1     CrashLoopBackOff   7          20m\n\
web-7f8c9d6b54-x2zkq    1/1     Running            0          2d\n\n\
2026-01-01T10:00:00Z ERROR pod cart-6d9c8b7f54-k2lzq java.lang.OutOfMemoryError: Java heap space\n\
2026-01-01T10:00:01Z INFO cart started in 3 s\n\
2026-01-01T10:00:02Z INFO cart started in 4 s\n";

fn ask(name: &str, arguments: &Value) -> String {
    let intake = intake::read_text(TEXT);
    let monitoring = monitoring::monitor(&intake);
    let diagnosis = analysis::diagnose(&intake, &monitoring);
    call(name, arguments, &intake, &monitoring, &diagnosis)
}

#[test]
fn objects_are_listed_with_their_state() {
    let all = ask("list_objects", &json!({"kind": "pods", "namespace": null}));
    assert_eq!(
        all,
        "O1 Pod shop/cart-6d9c8b7f54-k2lzq: CrashLoopBackOff, ready 0/1, restarts 7\n\
         O2 Pod shop/web-7f8c9d6b54-x2zkq: Running, ready 1/1, restarts 0\n"
    );
    let none = ask("list_objects", &json!({"kind": "Node"}));
    assert!(none.contains("one may exist"), "{none}");
}

#[test]
fn an_object_is_described_without_what_is_empty() {
    let told = ask(
        "describe_object",
        &json!({"kind": "Pod", "namespace": "shop", "name": "cart-6d9c8b7f54-k2lzq"}),
    );
    assert!(told.contains("\"status\":\"CrashLoopBackOff\""), "{told}");
    assert!(!told.contains("null") && !told.contains("[]"), "{told}");
    let none = ask("describe_object", &json!({"kind": "Pod", "name": "ghost"}));
    assert_eq!(
        none,
        "the case holds no Pod named 'ghost': list_objects tells which objects there are"
    );
}

#[test]
fn a_search_gives_one_entry_of_each_kind_with_an_id() {
    let found = ask("search_logs", &json!({"words": "started CART"}));
    assert!(found.starts_with("2 entries of 1 kinds\nR"), "{found}");
    assert!(found.contains("cart started in 3 s (and 1 like it)"), "{found}");
    assert_eq!(
        ask("search_logs", &json!({"words": "zebra"})),
        "no log entry holds 'zebra'"
    );
}

#[test]
fn lines_are_given_by_number() {
    let found = ask("log_lines", &json!({"part": null, "from": 6, "to": 6}));
    assert!(found.contains("OutOfMemoryError"), "{found}");
    assert_eq!(found.lines().count(), 1, "{found}");
}

#[test]
fn hostile_arguments_get_words() {
    let long = "x".repeat(100_000);
    let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
    for (tool, _) in TOOLS.iter().zip(0..) {
        for arguments in [
            Value::Null,
            json!([]),
            json!("drop table"),
            json!({}),
            json!({"kind": 7, "name": [], "words": {}, "from": -1, "to": 1e300, "limit": "many"}),
            json!({"kind": long, "name": long, "words": long, "namespace": long}),
            json!({"kind": "Pod", "name": "../../etc/passwd", "namespace": "\u{202e}", "words": "(((((", "from": 0, "to": u64::MAX, "limit": u64::MAX}),
            json!({"kind": deep, "words": deep}),
        ] {
            let told = ask(tool.name, &arguments);
            assert!(
                !told.is_empty() && told.chars().count() <= MAX_RESULT_CHARS + 60,
                "{told}"
            );
            assert_eq!(told, ask(tool.name, &arguments));
        }
    }
    assert!(ask("rm -rf /", &json!({})).starts_with("there is no tool 'rm -rf /'"));
}

#[test]
fn specs_are_strict() {
    for spec in specs() {
        let names: Vec<&String> = spec.parameters["properties"]
            .as_object()
            .expect("an object")
            .keys()
            .collect();
        assert_eq!(spec.parameters["required"], json!(names), "{}", spec.name);
        assert_eq!(spec.parameters["additionalProperties"], json!(false));
    }
}
