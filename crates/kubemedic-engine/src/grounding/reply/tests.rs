//! Schemas in the subset that every provider takes; replies read strictly.

use serde_json::{Value, json};

use super::*;

/// Every object of a schema.
fn objects<'a>(schema: &'a Value, found: &mut Vec<&'a Value>) {
    match schema {
        Value::Object(fields) => {
            if fields.contains_key("properties") {
                found.push(schema);
            }
            fields.values().for_each(|it| objects(it, found));
        }
        Value::Array(items) => items.iter().for_each(|it| objects(it, found)),
        _ => {}
    }
}

fn schemas() -> [Value; 4] {
    [
        schema_of::<MonitoringReply>(),
        schema_of::<AnalysisReply>(),
        schema_of::<RemediationReply>(),
        schema_of::<CommandReply>(),
    ]
}

#[test]
fn every_property_is_required_and_no_other_is_allowed() {
    for schema in schemas() {
        let mut found = Vec::new();
        objects(&schema, &mut found);
        assert!(!found.is_empty());
        for object in found {
            let names: Vec<&String> = object["properties"]
                .as_object()
                .expect("an object")
                .keys()
                .collect();
            assert_eq!(object["required"], json!(names));
            assert_eq!(object["additionalProperties"], json!(false));
        }
    }
}

#[test]
fn reasoning_comes_first() {
    for schema in schemas() {
        let first = schema["properties"].as_object().expect("an object").keys().next();
        assert_eq!(first.map(String::as_str), Some("reasoning"));
    }
}

#[test]
fn a_schema_uses_no_keyword_that_a_provider_refuses() {
    for schema in schemas() {
        let text = schema.to_string();
        for word in [
            "$ref",
            "$defs",
            "$schema",
            "\"format\"",
            "oneOf",
            "allOf",
            "minimum",
            "maxItems",
            "\"title\"",
            "const",
            "default",
        ] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
}

#[test]
fn the_schema_of_a_repair_is_this() {
    let expected = json!({
        "type": "object",
        "description": "The second and last try for commands that were refused.",
        "properties": {
            "reasoning": {"type": "string", "description": "One or two sentences: what was wrong with the refused commands."},
            "commands": {"type": "array", "description": "One for each refused command.", "items": {
                "type": "object",
                "description": "What stands in the place of one refused command.",
                "properties": {
                    "refused": {"type": "string", "description": "The id of the refused command, such as C2."},
                    "command": {"type": ["string", "null"], "description": "The corrected kubectl command line; null to leave it out."},
                    "explanation": {"type": "string", "description": "What it does and why, in one sentence."},
                    "rollback": {"type": ["string", "null"], "description": "The kubectl command line that undoes it; null for a command that changes nothing."},
                },
                "required": ["refused", "command", "explanation", "rollback"],
                "additionalProperties": false,
            }},
        },
        "required": ["reasoning", "commands"],
        "additionalProperties": false,
    });
    assert_eq!(schema_of::<CommandReply>(), expected);
}

#[test]
fn one_markdown_fence_is_taken_off_and_nothing_else() {
    let reply = CommandReply {
        reasoning: "r".to_owned(),
        commands: Vec::new(),
    };
    let plain = r#"{"reasoning":"r","commands":[]}"#;
    assert_eq!(parse::<CommandReply>(plain), Ok(reply.clone()));
    assert_eq!(
        parse::<CommandReply>(&format!("```json\n{plain}\n```\n")),
        Ok(reply)
    );
    for bad in [
        String::new(),
        format!("Here it is: {plain}"),
        format!("{plain} {plain}"),
        r#"{"reasoning":"r"}"#.to_owned(),
        r#"{"reasoning":"r","commands":[],"approved":true}"#.to_owned(),
        format!("{}1{}", "[".repeat(5000), "]".repeat(5000)),
        "x".repeat(2 << 20),
    ] {
        assert!(
            parse::<CommandReply>(&bad).is_err(),
            "{}",
            &bad[..bad.len().min(80)]
        );
    }
}

#[test]
fn an_error_tells_the_model_what_to_do() {
    let error = parse::<CommandReply>(r#"{"reasoning":"r"}"#).expect_err("a field is missing");
    assert_eq!(
        error.to_string(),
        "the answer was not the requested JSON object: missing field `commands` at line 1 column 17. \
         Answer again with that object and nothing else"
    );
}
