//! NUL never gets behind the door.

use serde_json::json;

use super::*;

#[test]
fn nul_is_dropped_from_text_and_replaced_in_every_string_of_an_evidence_object() {
    let text = read(Submission::Text("a\0b\r\nc".into())).unwrap();
    assert_eq!(text, WorkflowInput::Text("ab\r\nc".into()));
    assert!(matches!(
        read(Submission::Text("\0 \0\n".into())),
        Err(StartError::Blank)
    ));
    let objects = json!([{"kind": "Pod\0", "path": "C:\\u0000\\", "next": "\\\0"}]);
    let posted = json!({"logs": {"a\0pi": ["x\0", "größe"]}, "objects": objects}).to_string();
    let evidence = read(Submission::Evidence(posted)).unwrap();
    let kept = serde_json::to_value(&evidence).unwrap();
    assert_eq!(
        kept["content"],
        json!({
            "logs": {"a\u{fffd}pi": ["x\u{fffd}", "größe"]},
            "objects": [{"kind": "Pod\u{fffd}", "path": "C:\\u0000\\", "next": "\\\u{fffd}"}],
        })
    );
}
