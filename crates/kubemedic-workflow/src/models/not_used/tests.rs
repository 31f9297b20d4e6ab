//! The sentences for a person.

use kubemedic_testkit::manual_clock::START;

use super::*;

fn failed(error: ChatError, tries: u32) -> NotUsed {
    NotUsed::Failed {
        model: "gemini:gemini-3.8-flash".parse().unwrap(),
        error,
        tries,
        notes: Vec::new(),
    }
}

#[test]
fn every_reason_is_a_sentence_that_names_what_was_missing() {
    let limited = ChatError::RateLimited {
        after: None,
        reason: "slow down".into(),
    };
    let table = [
        (
            NotUsed::NotConfigured,
            "no language model is configured for this agent",
        ),
        (
            failed(limited.clone(), 3),
            "gemini:gemini-3.8-flash gave no answer in 3 tries: too many requests: slow down",
        ),
        (
            failed(
                ChatError::Blocked {
                    reason: "SAFETY".into(),
                },
                1,
            ),
            "gemini:gemini-3.8-flash gave no answer: the answer was blocked: SAFETY",
        ),
        (
            failed(limited, 0),
            "gemini:gemini-3.8-flash rests after a failure: too many requests: slow down",
        ),
        (
            NotUsed::Deadline {
                limit: Duration::from_mins(3),
                since: START,
                last: Some("openai:m was too busy".into()),
            },
            "language models had 180 seconds in this workflow, since 2026-01-02T03:04:05Z, and they are over; MODEL_WORKFLOW_TIMEOUT_SECONDS sets them; at last openai:m was too busy",
        ),
        (
            NotUsed::NotRecorded {
                digest: "sha256:00".into(),
            },
            "the transcript has no answer to this question (sha256:00): record it again with MODEL_RECORD_FILE",
        ),
        (NotUsed::Stopping, "the process stops"),
    ];
    for (not_used, sentence) in table {
        assert_eq!(not_used.to_string(), sentence);
    }
}

#[test]
fn a_providers_words_are_redacted_and_cut() {
    let key = format!("{}{}", "AIza", "SyD3kQ9xZ7bWm2Vt5nRc8LpHfJ0gUaYeTqX");
    let error = ChatError::Auth {
        reason: format!("API key {key} is not valid. {}", "very ".repeat(2000)),
    };
    let ChatError::Auth { reason } = presentable(error, &Arc::default()) else {
        panic!("another failure");
    };
    assert!(
        !reason.contains(&key) && reason.contains("<redacted:"),
        "{reason}"
    );
    assert_eq!(reason.chars().count(), MAX_REASON_CHARS);
    assert!(reason.ends_with('…'));
    let short = ChatError::Blocked {
        reason: "SAFETY".into(),
    };
    assert_eq!(presentable(short.clone(), &Arc::default()), short);
}
