//! Evidence objects: known keys with values of every type, and API objects whose fields were changed.

use kubemedic_engine::{intake, redaction::Redactor};
use kubemedic_model::evidence_object::WorkflowInput;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{cases, invariants, seeds::OBJECTS};

const KEYS: &[&str] = &[
    "logs",
    "kubectl",
    "objects",
    "alerts",
    "metrics_csv",
    "cluster",
    "namespace",
    "query",
    "source",
    "other",
];
const WORDS: &[&str] = &[
    "",
    " ",
    "x",
    "shop",
    "pod/cart-0",
    "kubectl get pods",
    "-1",
    "1e99",
    "10Gi",
    "100m",
    "True",
    "false",
    "null",
    "2026-03-14T09:26:41Z",
    "9999-99-99T99:99:99Z",
    "\0",
    "日本",
    "a/b/c",
    "<none>",
    "ERROR boom\nERROR boom",
    "NAME READY\nx 0/1",
    "{\"kind\":\"Pod\"}",
    "- a\n- b",
];

/// JSON of every type; deep enough for every reader, wide enough for every list.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(json!(u64::MAX)),
        prop::sample::select(WORDS).prop_map(Value::from),
        "[ -~]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec(
                (prop::sample::select(KEYS).prop_map(str::to_owned), inner.clone()),
                0..4
            )
            .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            prop::collection::vec(("[a-zA-Z/ -]{0,12}", inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn evidence() -> impl Strategy<Value = Value> {
    prop::collection::vec((prop::sample::select(KEYS), value()), 0..7).prop_map(|pairs| {
        let object: Map<String, Value> = pairs
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        Value::Object(object)
    })
}

/// Puts a value at the place that is `at` steps into the tree, in the order of a walk; whether it was reached.
fn plant(tree: &mut Value, at: &mut usize, new: &Value) -> bool {
    if *at == 0 {
        *tree = new.clone();
        return true;
    }
    *at -= 1;
    match tree {
        Value::Array(items) => items.iter_mut().any(|item| plant(item, at, new)),
        Value::Object(fields) => fields.values_mut().any(|field| plant(field, at, new)),
        _ => false,
    }
}

/// What must hold for a text that is an evidence object; others are refused.
pub(super) fn hold_for(text: &str) {
    let Ok(mut evidence) = intake::parse_evidence_object(text) else {
        return;
    };
    invariants::answer_holds(&WorkflowInput::Evidence(Box::new(evidence.clone())), text.len());
    Redactor::new().redact_evidence(&mut evidence);
    let once = evidence.clone();
    Redactor::new().redact_evidence(&mut evidence);
    assert_eq!(evidence, once, "redacting redacted evidence changed it");
    // What is stored is read again after a restart.
    let stored =
        serde_json::to_string(&WorkflowInput::Evidence(Box::new(once.clone()))).expect("evidence is JSON");
    let read: WorkflowInput = serde_json::from_str(&stored).expect("stored evidence is read again");
    assert_eq!(
        read,
        WorkflowInput::Evidence(Box::new(once)),
        "storing changed it"
    );
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn any_json_is_refused_or_answered(value in evidence()) {
        hold_for(&value.to_string());
    }

    #[test]
    fn real_objects_with_fields_of_other_types_are_answered(changes in prop::collection::vec((1_usize..260, value()), 1..6)) {
        let mut tree: Value = serde_json::from_str(OBJECTS).expect("the seed is JSON");
        for (mut at, new) in changes {
            plant(&mut tree, &mut at, &new);
        }
        hold_for(&tree.to_string());
        // The same objects as a paste, in a list.
        if let Some(objects) = tree.get("objects") {
            let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
            invariants::hold_for(list.to_string().as_bytes());
        }
    }
}

#[test]
fn nesting_beyond_every_limit_is_refused_or_answered() {
    for depth in [127, 129, 20_000] {
        for (open, close) in [
            ("[", "]"),
            ("{\"a\":", "}"),
            ("- ", ""),
            ("a:\n ", ""),
            ("{a: ", "}"),
        ] {
            let inner = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            for text in [
                inner.clone(),
                format!("{{\"logs\": {inner}}}"),
                format!("{{\"objects\": [{inner}], \"logs\": \"x\"}}"),
                format!("apiVersion: v1\nkind: Pod\nmetadata: {inner}\n"),
                format!("{{\"level\":\"error\",\"msg\":\"x\",\"more\":{inner}}}"),
            ] {
                let text: String = text.chars().take(64 * 1024).collect();
                invariants::hold_for(text.as_bytes());
            }
        }
    }
}
