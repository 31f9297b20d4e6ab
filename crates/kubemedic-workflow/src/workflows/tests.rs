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

#[test]
fn millions_of_tiny_lines_are_refused_by_name_and_millions_of_lines_are_not() {
    let told = |posted: Submission| read(posted).map(|_| ()).map_err(|error| error.to_string());
    let tiny = "x\n".repeat(3_000_001);
    let refused = told(Submission::Text(tiny)).unwrap_err();
    assert!(
        refused.starts_with("the input has 3000001 lines of a few bytes each"),
        "{refused}"
    );
    let listed = format!("{{\"logs\": {{\"api\": [{}\"x\"]}}}}", "\"x\",".repeat(3_000_000));
    assert_eq!(told(Submission::Evidence(listed)), Err(refused));
    assert_eq!(told(Submission::Text("x\n".repeat(3_000_000))), Ok(()));
    assert_eq!(
        told(Submission::Text("ERROR it fails\n".repeat(3_000_001))),
        Ok(())
    );
}
