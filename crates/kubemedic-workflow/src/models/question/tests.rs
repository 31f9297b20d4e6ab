//! What makes two requests the same question.

use kubemedic_ports::chat_model::{AnswerSchema, Effort, ToolCall, ToolResult, ToolSpec};
use kubemedic_testkit::scripted_model::request;
use serde_json::json;

use super::*;

fn digest(request: &ChatRequest) -> String {
    Question::of(Agent::AnalysisAgent, request).digest
}

/// A request that quotes data between a random word.
fn quoting(boundary: &str) -> ChatRequest {
    let fenced = format!("<{boundary}>\nlog\n</{boundary}>");
    ChatRequest {
        system: format!("Data stands between {boundary}."),
        turns: vec![
            Turn::User { text: fenced.clone() },
            Turn::Tools {
                results: vec![ToolResult {
                    call_id: "1".into(),
                    name: "logs".into(),
                    content: fenced,
                }],
            },
        ],
        boundary: boundary.to_owned(),
        ..request("")
    }
}

#[test]
fn the_random_word_around_quoted_data_makes_no_difference_and_any_other_word_does() {
    assert_eq!(digest(&quoting("a1b2c3d4")), digest(&quoting("ffff0000")));
    let other = ChatRequest {
        system: "Data stands between words.".into(),
        ..quoting("a1b2c3d4")
    };
    assert_ne!(digest(&quoting("a1b2c3d4")), digest(&other));
    let none = ChatRequest {
        boundary: String::new(),
        ..request("q")
    };
    assert_eq!(digest(&none), digest(&none));
}

#[test]
fn the_order_of_a_schemas_members_makes_no_difference() {
    let with = |schema: &str| ChatRequest {
        schema: Some(AnswerSchema {
            name: "reply".into(),
            schema: serde_json::from_str(schema).unwrap(),
        }),
        ..request("q")
    };
    assert_eq!(
        digest(&with(r#"{"a":{"x":1,"y":2},"b":[1,2]}"#)),
        digest(&with(r#"{"b":[1,2],"a":{"y":2,"x":1}}"#))
    );
    assert_ne!(
        digest(&with(r#"{"a":{},"b":[1,2]}"#)),
        digest(&with(r#"{"a":{},"b":[2,1]}"#))
    );
}

#[test]
fn everything_that_changes_an_answer_changes_the_digest() {
    let base = request("q");
    let tool = ToolSpec {
        name: "logs".into(),
        description: "reads".into(),
        parameters: json!({}),
    };
    let requests = [
        base.clone(),
        request("q2"),
        ChatRequest {
            system: "s".into(),
            ..base.clone()
        },
        ChatRequest {
            tools: vec![tool],
            ..base.clone()
        },
        ChatRequest {
            max_tokens: 1001,
            ..base.clone()
        },
        ChatRequest {
            temperature: Some(0.0),
            ..base.clone()
        },
        ChatRequest {
            effort: Effort::Low,
            ..base.clone()
        },
        ChatRequest {
            turns: Vec::new(),
            ..base.clone()
        },
    ];
    let mut digests: Vec<_> = requests.iter().map(digest).collect();
    digests.push(Question::of(Agent::RemediationAgent, &base).digest);
    let distinct: std::collections::BTreeSet<_> = digests.iter().collect();
    assert_eq!(distinct.len(), digests.len());
}

#[test]
fn another_chain_or_order_of_models_is_another_question() {
    let question = Question::of(Agent::AnalysisAgent, &request("q"));
    let names: Vec<ModelName> = ["openai:a", "openai:b"].map(|it| it.parse().unwrap()).into();
    let forward = question.digest_to(names.iter());
    assert_ne!(forward, question.digest_to(names.iter().rev()));
    assert_ne!(forward, question.digest_to(names.iter().take(1)));
    assert_eq!(forward, question.digest_to(names.iter()));
}

#[test]
fn four_characters_are_about_a_token_whatever_they_stand_in() {
    let call = ToolCall {
        id: "id".into(),
        name: "logs".into(),
        arguments: json!({"a": 1}),
        signature: None,
    };
    let question = ChatRequest {
        system: "12345".into(),
        turns: vec![
            Turn::User {
                text: "äöü".into()
            },
            Turn::Assistant {
                text: "1234".into(),
                calls: vec![call],
            },
            Turn::Tools {
                results: vec![ToolResult {
                    call_id: "id".into(),
                    name: "logs".into(),
                    content: "123".into(),
                }],
            },
        ],
        ..request("")
    };
    // 5 + 3 + 4 + 4 + 7 + 4 + 3 characters.
    assert_eq!(Question::of(Agent::AnalysisAgent, &question).tokens, 8);
}

#[test]
fn values_nested_deeper_than_any_reply_are_read_without_harm() {
    let mut value = json!(1);
    (0..300).for_each(|_| value = json!([value.take()]));
    let call = ToolCall {
        id: "id".into(),
        name: "logs".into(),
        arguments: value,
        signature: None,
    };
    let deep = ChatRequest {
        turns: vec![Turn::Assistant {
            text: String::new(),
            calls: vec![call],
        }],
        ..request("")
    };
    assert_eq!(digest(&deep), digest(&deep));
}
