//! Entries are read back as they were written, whatever they hold.

use kubemedic_model::usage::ModelUsage;
use kubemedic_ports::chat_model::{AnswerSchema, ChatError, CutBy, Effort, ToolCall, Turn};
use kubemedic_testkit::scripted_model::{reply, request};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn entry(digest: &str, text: &str) -> TranscriptEntry {
    TranscriptEntry {
        digest: digest.to_owned(),
        agent: Agent::AnalysisAgent,
        request: request("q"),
        outcome: TranscriptOutcome::Reply {
            reply: reply(text),
            by: "openai:m".parse().unwrap(),
            from_cache: false,
            notes: Vec::new(),
        },
        deltas: vec![Delta::Text(text.to_owned())],
        spent: ModelSpending::default(),
    }
}

fn text_of(transcript: &Transcript, digest: &str) -> Option<String> {
    let answered = transcript.answer(digest)?.result;
    answered.map(|it| it.reply.text).ok()
}

#[test]
fn the_nth_equal_question_gets_its_nth_answer_and_then_the_last_one_again() {
    let entries = ["1", "2", "3"].map(|text| entry("a", text));
    let transcript = Transcript::replay(entries.into_iter().chain([entry("b", "other")]).collect());
    let texts = [(); 5].map(|()| text_of(&transcript, "a").unwrap());
    assert_eq!(texts, ["1", "2", "3", "3", "3"]);
    assert_eq!(text_of(&transcript, "b").unwrap(), "other");
    let missing = transcript.answer("c").unwrap().result;
    assert_eq!(missing, Err(NotUsed::NotRecorded { digest: "c".into() }));
}

#[test]
fn a_line_that_is_no_entry_is_named_with_its_number() {
    let good = serde_json::to_string(&entry("a", "1")).unwrap();
    assert_eq!(
        Transcript::from_lines(format!("{good}\n\n{good}").as_bytes()).unwrap(),
        [entry("a", "1"), entry("a", "1")]
    );
    let bad = Transcript::from_lines(format!("{good}\n\n{{\"digest\":1}}\n").as_bytes()).unwrap_err();
    assert_eq!(
        (
            bad.line,
            bad.to_string()
                .starts_with("line 3 of the transcript is unreadable (")
        ),
        (3, true)
    );
    let torn = good.get(..good.len() - 5).unwrap();
    assert_eq!(Transcript::from_lines(torn.as_bytes()).unwrap_err().line, 1);
    let binary: &[u8] = b"\xff\xfe\n";
    assert_eq!(Transcript::from_lines(binary).unwrap_err().line, 1);
}

#[test]
fn a_sink_that_fails_is_left_alone_and_harms_nobody() {
    #[derive(Debug)]
    struct Full(Arc<Mutex<u32>>);
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            *lock(&self.0) += 1;
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let writes = Arc::new(Mutex::new(0));
    let transcript = Transcript::record(Box::new(Full(writes.clone())));
    transcript.write(&entry("a", "1"));
    transcript.write(&entry("a", "2"));
    assert_eq!(*lock(&writes), 1);
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(|it| json!(it)),
        any::<f64>().prop_map(|it| json!(it)),
        any::<String>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop::collection::vec((any::<String>(), inner), 0..3)
            .prop_map(|members| Value::Object(members.into_iter().collect()))
    })
}

fn error() -> impl Strategy<Value = ChatError> {
    (any::<String>(), any::<Option<u32>>(), 0..6_u8).prop_map(|(reason, millis, which)| {
        let after = millis.map(|it| std::time::Duration::from_millis(it.into()));
        match which {
            0 => ChatError::RateLimited { after, reason },
            1 => ChatError::Overloaded { after, reason },
            2 => ChatError::Timeout {
                waited: after.unwrap_or_default(),
            },
            3 => ChatError::Truncated {
                by: CutBy::Connection,
            },
            4 => ChatError::Blocked { reason },
            _ => ChatError::QuotaExhausted { reason },
        }
    })
}

fn outcome() -> impl Strategy<Value = TranscriptOutcome> {
    let by = || "openai:m".parse().unwrap();
    let failed = (error(), any::<u32>(), any::<Vec<String>>()).prop_map(move |(error, tries, notes)| {
        let model = by();
        TranscriptOutcome::NotUsed(NotUsed::Failed {
            model,
            error,
            tries,
            notes,
        })
    });
    let replied = (any::<String>(), value(), any::<Vec<String>>(), any::<bool>()).prop_map(
        move |(text, arguments, notes, from_cache)| {
            let mut reply = reply(&text);
            reply.calls.push(ToolCall {
                id: text.clone(),
                name: "logs".into(),
                arguments,
                signature: Some(text),
            });
            TranscriptOutcome::Reply {
                reply,
                by: by(),
                from_cache,
                notes,
            }
        },
    );
    prop_oneof![replied, failed]
}

fn any_request() -> impl Strategy<Value = ChatRequest> {
    (any::<String>(), value(), -1e9..1e9_f64, any::<u32>()).prop_map(
        |(text, schema, temperature, max_tokens)| ChatRequest {
            turns: vec![
                Turn::User { text: text.clone() },
                Turn::Assistant {
                    text: text.clone(),
                    calls: Vec::new(),
                },
            ],
            schema: Some(AnswerSchema {
                name: text.clone(),
                schema,
            }),
            temperature: Some(temperature),
            max_tokens,
            effort: Effort::Low,
            ..request(&text)
        },
    )
}

fn any_entry() -> impl Strategy<Value = TranscriptEntry> {
    let deltas = prop::collection::vec(
        prop_oneof![
            any::<String>().prop_map(Delta::Text),
            any::<String>().prop_map(Delta::Reasoning),
            Just(Delta::Restart),
        ],
        0..5,
    );
    let spent = (any::<u64>(), any::<u64>()).prop_map(|(tokens, micro_dollars)| ModelSpending {
        calls: 1,
        usage: ModelUsage {
            output_tokens: tokens,
            ..ModelUsage::default()
        },
        micro_dollars,
    });
    (any::<String>(), any_request(), outcome(), deltas, spent).prop_map(
        |(digest, request, outcome, deltas, spent)| TranscriptEntry {
            digest,
            agent: Agent::RemediationAgent,
            request,
            outcome,
            deltas,
            spent,
        },
    )
}

proptest! {
    #[test]
    fn any_entries_are_read_back_bit_for_bit(entries in prop::collection::vec(any_entry(), 0..6)) {
        let buffer = TranscriptBuffer::default();
        let transcript = Transcript::record(Box::new(buffer.clone()));
        for it in &entries {
            transcript.write(it);
        }
        let read = Transcript::from_lines(buffer.bytes().as_slice()).unwrap();
        prop_assert_eq!(&read, &entries);
        let again = TranscriptBuffer::default();
        let transcript = Transcript::record(Box::new(again.clone()));
        for it in &read {
            transcript.write(it);
        }
        prop_assert_eq!(again.bytes(), buffer.bytes());
    }

    #[test]
    fn any_bytes_are_read_or_refused_without_a_panic(bytes in any::<Vec<u8>>()) {
        let _ = Transcript::from_lines(bytes.as_slice());
    }
}
