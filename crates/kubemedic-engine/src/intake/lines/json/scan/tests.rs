//! Proves that the scan accepts what `serde_json` accepts and shows the same members.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// The members as `serde_json` values, the last of a name winning.
fn scanned(text: &str) -> Option<serde_json::Map<String, Value>> {
    let mut found = serde_json::Map::new();
    members(text, &mut |key, node| {
        let value = match node {
            Node::Null => Value::Null,
            Node::Bool(bool) => Value::Bool(bool),
            Node::Text(raw) => Value::String(raw.text().into_owned()),
            Node::Number(text) | Node::List(text) | Node::Object(text) => {
                serde_json::from_str(text).expect("a value")
            }
        };
        found.insert(key.text().into_owned(), value);
    })?;
    Some(found)
}

fn parsed(text: &str) -> Option<serde_json::Map<String, Value>> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

#[test]
fn the_scan_agrees_with_serde_json_on_forms_at_the_border() {
    let deep = |levels: usize| format!("{{\"a\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
    let deep_objects = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    let mut cases: Vec<String> = [126, 127, 128]
        .into_iter()
        .flat_map(|levels| [deep(levels), deep_objects(levels)])
        .collect();
    cases.extend(
        [
            "{}",
            "{ }",
            "{\"a\":1,}",
            "{,}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":01}",
            "{\"a\":-}",
            "{\"a\":1.}",
            "{\"a\":.5}",
            "{\"a\":1e}",
            "{\"a\":1e400}",
            "{\"a\":1E+2}",
            "{\"a\":-0}",
            "{\"a\":tru}",
            "{\"a\":truely}",
            "{\"a\":null}",
            "{\"a\":[]}",
            "{\"a\":[1,]}",
            "{\"a\":[}",
            "{\"a\":{]}",
            "{\"a\":[{\"b\":[1,{\"c\":2}]}], \"d\":{}}",
            "{\"a\":1}}",
            "{\"a\":1} x",
            "{\"a\":1}\t\r\n",
            "{\"a\":\"\\u00e9\"}",
            "{\"a\":\"\\ud83d\\ude00\"}",
            "{\"a\":\"\\ud83d\"}",
            "{\"a\":\"\\ude00\"}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"tab\tin\"}",
            "{\"a\":1,\"a\":2}",
            "{\"\\u0061\":1}",
            "{'a':1}",
            "[1]",
            "{\"a\":\"\\\"\"}",
            "{\"a\":\"unclosed}",
            "{\"a\":18446744073709551616}",
            "{\"a\" : [ 1 , 2 ] , \"b\" : { \"c\" : [ ] } }",
        ]
        .map(str::to_owned),
    );
    for case in cases {
        assert_eq!(scanned(&case), parsed(&case), "{case}");
    }
}

#[test]
fn a_path_steps_into_objects() {
    let node = Node::Object(r#"{"a":{"b":{"c":"x"}},"a.b":2,"d":null}"#);
    assert_eq!(
        node.at("a/b/c").and_then(Node::told).map(Raw::text),
        Some("x".into())
    );
    assert_eq!(node.at("a.b"), Some(Node::Number("2")));
    assert_eq!(node.at("d/e"), None);
}

proptest! {
    #[test]
    fn the_scan_agrees_with_serde_json_on_broken_objects(
        at in 0_usize..140, with in "[\\PC\"\\\\{}\\[\\],:0-9eE.\\-]{0,3}", drop in 0_usize..4,
    ) {
        let whole = r#"{"level":"info","ts":1.5e3,"a":{"b":[1,2,{"c":"d\n\u00e9"}],"e":null},"msg":"caf\u00e9 \"x\"","t":true,"n":-12}"#;
        let mut chars: Vec<char> = whole.chars().collect();
        let at = at.min(chars.len());
        let end = (at + drop).min(chars.len());
        chars.splice(at..end, with.chars());
        let text: String = chars.into_iter().collect();
        prop_assert_eq!(scanned(&text), parsed(&text));
    }
}
