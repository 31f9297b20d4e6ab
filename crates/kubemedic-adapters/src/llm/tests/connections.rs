//! Statuses, pauses, pieces that are none, and what an error must not say.

use std::{sync::Arc, time::Duration};

use kubemedic_ports::chat_model::{ChatError, ChatModel, Provider};

use super::{
    super::{Gemini, GeminiSettings},
    KEY,
    double::{Act, Double, chunk, stream_end, stream_head},
    model_at, patient, plain, streamed,
};

/// A model of each provider that asks the same double.
fn models_at(double: &Double) -> Vec<Arc<dyn ChatModel>> {
    let all = Provider::ALL.into_iter();
    all.map(|it| model_at(it, &double.url, patient())).collect()
}

#[tokio::test]
async fn every_status_has_its_meaning_on_every_wire_and_is_asked_once() {
    let double = Double::answering(200, "", "").await;
    let models = models_at(&double);
    for (calls, (status, kind)) in [
        (301, "bad_request"),
        (307, "bad_request"),
        (400, "bad_request"),
        (401, "auth"),
        (402, "quota_exhausted"),
        (403, "auth"),
        (404, "model_gone"),
        (408, "overloaded"),
        (413, "bad_request"),
        (422, "bad_request"),
        (429, "rate_limited"),
        (500, "overloaded"),
        (502, "overloaded"),
        (503, "overloaded"),
        (504, "overloaded"),
        (529, "overloaded"),
    ]
    .into_iter()
    .enumerate()
    {
        double.now_answers(status, "location: http://127.0.0.1:9/\r\n", "<html>no</html>");
        for model in &models {
            let (reply, ..) = streamed(model.as_ref(), &plain()).await;
            assert_eq!(reply.unwrap_err().kind(), kind, "{model:?} {status} streamed");
            let error = model.complete(&plain()).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{model:?} {status} at once");
        }
        let asked = double.seen().len();
        assert_eq!(asked, 8 * (calls + 1), "{status}: one request for each call");
    }
}

#[tokio::test]
async fn a_pause_is_read_from_seconds_milliseconds_and_dates() {
    let double = Double::answering(200, "", "").await;
    let models = models_at(&double);
    let date = "date: Sun, 22 Nov 2026 10:00:00 GMT\r\n";
    for (headers, after) in [
        ("retry-after: 7\r\n".to_owned(), Some(7_000)),
        ("retry-after: 1.5\r\n".to_owned(), Some(1_500)),
        ("retry-after-ms: 250\r\nretry-after: 7\r\n".to_owned(), Some(250)),
        (
            format!("{date}retry-after: Sun, 22 Nov 2026 10:00:09 GMT\r\n"),
            Some(9_000),
        ),
        (
            format!("{date}retry-after: Sun, 22 Nov 2026 09:00:00 GMT\r\n"),
            Some(0),
        ),
        (
            "retry-after: Sun, 22 Nov 2020 10:00:00 GMT\r\n".to_owned(),
            Some(0),
        ),
        ("retry-after: 1e300\r\n".to_owned(), Some(86_400_000)),
        ("retry-after: -1\r\n".to_owned(), None),
        ("retry-after: NaN\r\n".to_owned(), None),
        ("retry-after: soon\r\n".to_owned(), None),
        (String::new(), None),
    ] {
        let after = after.map(Duration::from_millis);
        for model in &models {
            double.now_answers(429, &headers, "{}");
            let reason = "429: {}".to_owned();
            let expected = ChatError::RateLimited { after, reason };
            assert_eq!(model.complete(&plain()).await, Err(expected), "{headers}");
            double.now_answers(503, &headers, "{}");
            let reason = "503: {}".to_owned();
            let expected = ChatError::Overloaded { after, reason };
            assert_eq!(model.complete(&plain()).await, Err(expected), "{headers}");
        }
    }
}

/// Frames a piece as the provider's streams do.
fn framed(provider: Provider, piece: &[u8]) -> Vec<u8> {
    match provider {
        Provider::Ollama => [piece, b"\n"].concat(),
        _ => [b"data: ", piece, b"\n\n"].concat(),
    }
}

/// The answer's text and what was told, of a stream in these chunks.
async fn stream_of(provider: Provider, pieces: Vec<Vec<u8>>) -> (Result<String, ChatError>, String) {
    let kind = match provider {
        Provider::Ollama => "application/x-ndjson",
        _ => "text/event-stream",
    };
    let chunks: Vec<Act> = pieces.iter().map(|it| chunk(it)).collect();
    let double = Double::always([vec![stream_head(kind)], chunks, vec![stream_end()]].concat()).await;
    let model = model_at(provider, &double.url, patient());
    let (reply, text, _) = streamed(model.as_ref(), &plain()).await;
    (reply.map(|it| it.text), text)
}

/// A piece of text of each wire, framed, and the framed pieces that end an answer.
fn said(provider: Provider, text: &str) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (piece, end): (&str, &[&str]) = match provider {
        Provider::Gemini => (
            r#"{"candidates":[{"content":{"parts":[{"text":"TEXT"}]}}]}"#,
            &[r#"{"candidates":[{"finishReason":"STOP"}]}"#],
        ),
        Provider::OpenAi => (
            r#"{"choices":[{"index":0,"delta":{"content":"TEXT"}}]}"#,
            &[
                r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
                "[DONE]",
            ],
        ),
        Provider::Anthropic => (
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"TEXT"}}"#,
            &[
                r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#,
                r#"{"type":"message_stop"}"#,
            ],
        ),
        Provider::Ollama => (
            r#"{"message":{"content":"TEXT"},"done":false}"#,
            &[r#"{"message":{"content":""},"done":true,"done_reason":"stop"}"#],
        ),
    };
    let piece = framed(provider, piece.replace("TEXT", text).as_bytes());
    (
        piece,
        end.iter().map(|it| framed(provider, it.as_bytes())).collect(),
    )
}

#[tokio::test]
async fn a_letter_that_is_split_over_chunks_is_one_letter() {
    let text = "Gerät läuft 🚀 不足";
    for provider in Provider::ALL {
        let (piece, end) = said(provider, text);
        let bytes = [piece, end.concat()].concat();
        let bytewise = bytes.iter().map(|byte| vec![*byte]).collect();
        let (reply, told) = stream_of(provider, bytewise).await;
        assert_eq!((reply, told.as_str()), (Ok(text.to_owned()), text), "{provider}");
    }
}

#[tokio::test]
async fn a_malformed_piece_is_never_passed_over() {
    for provider in Provider::ALL {
        for bad in [
            &b"{\"oops\": tru"[..],
            b"<html>",
            b"\"text\"",
            b"17",
            b"{\"a\":\"\xff\"}",
        ] {
            let (piece, end) = said(provider, "all is well");
            let pieces = [vec![piece, framed(provider, bad)], end].concat();
            let (reply, _) = stream_of(provider, pieces).await;
            let shown = String::from_utf8_lossy(bad);
            assert_eq!(
                reply.map_err(|it| it.kind()),
                Err("malformed"),
                "{provider} {shown}"
            );
        }
    }
}

#[tokio::test]
async fn a_page_in_place_of_a_stream_is_malformed() {
    let page = "<!doctype html>\n<html><body>Sign in to the network</body></html>\n";
    let double = Double::answering(200, "content-type: text/html\r\n", page).await;
    for model in models_at(&double) {
        let (reply, ..) = streamed(model.as_ref(), &plain()).await;
        assert_eq!(reply.map_err(|it| it.kind()), Err("malformed"), "{model:?}");
    }
}

#[tokio::test]
async fn an_empty_answer_is_no_answer() {
    for provider in Provider::ALL {
        let (_, end) = said(provider, "");
        let (reply, _) = stream_of(provider, end).await;
        let reason = "it is empty".to_owned();
        assert_eq!(reply, Err(ChatError::Malformed { reason }), "{provider}");
    }
}

#[tokio::test]
async fn a_stream_without_the_mark_of_its_end_is_truncated() {
    for provider in Provider::ALL {
        let (piece, _) = said(provider, "by its looks whole");
        let (reply, _) = stream_of(provider, vec![piece]).await;
        assert_eq!(reply.map_err(|it| it.kind()), Err("truncated"), "{provider}");
    }
}

#[tokio::test]
async fn comments_events_and_data_on_several_lines_are_read_by_the_standard() {
    let stream =
        b": hello\r\nevent: message\r\nid: 7\r\nretry: 3000\r\ndata: {\"choices\":[{\"index\":0,\r\n\
        data:\"delta\":{\"content\":\"fine\"},\"finish_reason\":\"stop\"}]}\r\n\r\ndata: [DONE]\r\n\r\n";
    let (reply, _) = stream_of(Provider::OpenAi, vec![stream.to_vec()]).await;
    assert_eq!(reply, Ok("fine".to_owned()));
}

#[tokio::test]
async fn a_key_is_in_no_error_though_the_server_repeats_it() {
    for status in [400, 401, 429, 503] {
        let body = format!(r#"{{"error":{{"message":"wrong key {KEY}, hunter2 or hunter3, mend it"}}}}"#);
        let double = Double::answering(status, "", &body).await;
        let url = double.url.replace("http://", "http://user:hunter2@");
        for provider in Provider::ALL {
            let model = model_at(provider, &format!("{url}/?token=hunter3"), patient());
            let error = model.complete(&plain()).await.unwrap_err();
            let shown = format!("{error} {error:?} {model:?} {}", model.server());
            assert!(shown.contains("wrong key"), "{shown}");
            for secret in [KEY, "hunter2", "hunter3"] {
                assert!(!shown.contains(secret), "{provider} {status}: {shown}");
            }
        }
    }
}

#[tokio::test]
async fn a_key_that_no_header_can_carry_is_refused_before_anything_is_sent() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let double = Double::answering(200, "", "{}").await;
    let model = Gemini::new(GeminiSettings {
        base_url: double.url.clone(),
        key: "two\nlines".into(),
        model: "gemini-3.8-flash".into(),
        timeouts: patient(),
    })
    .unwrap();
    assert_eq!(model.complete(&plain()).await.unwrap_err().kind(), "auth");
    assert_eq!(double.seen(), []);
}
