//! Calls that are none, and how many there may be.

use kubemedic_ports::chat_model::ChatError;
use serde_json::json;

use super::{Draft, MAX_CALLS, is_cut, is_own_id};

fn draft() -> Draft {
    Draft {
        finish_reason: Some("stop".to_owned()),
        ..Draft::default()
    }
}

#[test]
fn arguments_that_are_no_json_and_calls_without_a_name_are_no_calls() {
    for (name, arguments) in [("pod_logs", "{\"pod\":"), ("pod_logs", "api-1"), ("  ", "{}")] {
        let mut draft = draft();
        let call = draft.call(0).unwrap();
        call.name = name.to_owned();
        call.arguments = arguments.to_owned();
        let error = draft.into_reply().unwrap_err();
        assert!(
            matches!(error, ChatError::Malformed { .. }),
            "{name} {arguments}: {error}"
        );
    }
}

#[test]
fn a_call_without_arguments_or_id_gets_them() {
    let mut draft = draft();
    draft.call(3).unwrap().name = "pod_logs".to_owned();
    let reply = draft.into_reply().unwrap();
    assert_eq!(reply.calls[0].arguments, json!({}));
    assert!(is_own_id(&reply.calls[0].id), "{:?}", reply.calls);
}

#[test]
fn an_answer_asks_for_so_many_functions_and_no_more() {
    let mut draft = draft();
    for place in 0..MAX_CALLS {
        assert!(draft.call(place as u64).is_ok());
    }
    assert!(draft.call(0).is_ok());
    let error = draft.call(u64::MAX).unwrap_err();
    assert_eq!(error.kind(), "malformed");
}

#[test]
fn a_draft_without_an_end_is_no_answer() {
    let draft = Draft {
        text: "by its looks whole".to_owned(),
        ..Draft::default()
    };
    assert_eq!(draft.into_reply().unwrap_err().kind(), "truncated");
}

#[test]
fn what_is_cut_is_told_from_what_is_wrong() {
    assert!(is_cut("{\"a\": \"b"));
    for text in ["", " ", "{}", "<html>", "{malformed json"] {
        assert!(!is_cut(text), "{text}");
    }
}
