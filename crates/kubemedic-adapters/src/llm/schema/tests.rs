//! What is taken out of a schema, and what is not though it looks like a keyword.

use serde_json::{Value, json};

use super::{Dialect, in_dialect, in_words};

#[test]
fn each_dialect_keeps_what_it_knows() {
    let schema = json!({
        "$schema": "x", "title": "t", "type": "object", "additionalProperties": false, "required": ["pattern"],
        "properties": {
            "pattern": {"type": "string", "pattern": "^a", "minLength": 1, "description": "d"},
            "kind": {"const": "a"},
            "many": {"type": "array", "minItems": 1, "maxItems": 9, "items": {"anyOf": [{"type": "null"}, {"type": "integer", "format": "uint32", "minimum": 0}]}},
        },
    });
    let with = |title: Option<Value>, properties: Value| {
        let mut expected = json!({
            "type": "object", "additionalProperties": false, "required": ["pattern"], "properties": properties,
        });
        if let Some(title) = title {
            expected["title"] = title;
        }
        expected
    };
    let gemini = json!({
        "pattern": {"type": "string", "description": "d"},
        "kind": {"enum": ["a"]},
        "many": {"type": "array", "minItems": 1, "maxItems": 9, "items": {"anyOf": [{"type": "null"}, {"type": "integer", "format": "uint32", "minimum": 0}]}},
    });
    assert_eq!(
        in_dialect(Dialect::Gemini, &schema),
        with(Some(json!("t")), gemini)
    );
    let openai = json!({
        "pattern": {"type": "string", "pattern": "^a", "description": "d"},
        "kind": {"const": "a"},
        "many": {"type": "array", "minItems": 1, "maxItems": 9, "items": {"anyOf": [{"type": "null"}, {"type": "integer", "minimum": 0}]}},
    });
    assert_eq!(in_dialect(Dialect::OpenAi, &schema), with(None, openai));
    let anthropic = json!({
        "pattern": {"type": "string", "description": "d"},
        "kind": {"const": "a"},
        "many": {"type": "array", "minItems": 1, "items": {"anyOf": [{"type": "null"}, {"type": "integer"}]}},
    });
    assert_eq!(
        in_dialect(Dialect::Anthropic, &schema),
        with(Some(json!("t")), anthropic)
    );
}

#[test]
fn a_schema_has_a_depth() {
    let mut schema = json!({"type": "string"});
    for _ in 0..100 {
        schema = json!({"type": "array", "items": schema});
    }
    let mut reduced = in_dialect(Dialect::OpenAi, &schema);
    let mut depth = 0;
    while let Some(items) = reduced.get("items") {
        reduced = items.clone();
        depth += 1;
    }
    assert_eq!((depth, reduced), (64, json!({})));
}

#[test]
fn in_words_the_whole_schema_is_told() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "string", "minLength": 2}}});
    assert!(in_words(&schema).ends_with(&schema.to_string()));
}
