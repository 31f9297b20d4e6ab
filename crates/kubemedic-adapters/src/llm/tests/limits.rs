//! Time and size have limits on every wire.

use std::time::Duration;

use kubemedic_ports::chat_model::{ChatError, CutBy, Provider};

use super::{
    super::{LlmTimeouts, connection::MAX_ANSWER_BYTES, frames::MAX_FRAME_BYTES},
    double::{Act, Double, chunk, response, stream_end, stream_head},
    model_at, patient, plain, streamed,
};

/// A limit that is reached at once.
const SHORT: Duration = Duration::from_millis(60);
const CUT: ChatError = ChatError::Truncated {
    by: CutBy::Connection,
};
const GEMINI_PIECE: &[u8] =
    b"data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]},\"finishReason\":\"STOP\"}]}\n\n";

fn timeout() -> ChatError {
    ChatError::Timeout { waited: SHORT }
}

fn sse(pieces: Vec<Act>) -> Vec<Act> {
    [vec![stream_head("text/event-stream")], pieces].concat()
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up_when_the_first_byte_is_due() {
    let double = Double::always(vec![Act::Stall]).await;
    let limits = LlmTimeouts {
        first_byte: SHORT,
        ..patient()
    };
    for provider in Provider::ALL {
        let model = model_at(provider, &double.url, limits);
        let (reply, ..) = streamed(model.as_ref(), &plain()).await;
        assert_eq!(reply, Err(timeout()), "{provider}");
    }
}

#[tokio::test]
async fn headers_are_no_first_byte() {
    let double = Double::always(sse(vec![Act::Stall])).await;
    let limits = LlmTimeouts {
        first_byte: SHORT,
        ..patient()
    };
    let model = model_at(Provider::Gemini, &double.url, limits);
    let (reply, ..) = streamed(model.as_ref(), &plain()).await;
    assert_eq!(reply, Err(timeout()));
}

#[tokio::test]
async fn a_stream_that_stalls_is_given_up_after_the_time_between_two_pieces() {
    let double = Double::always(sse(vec![chunk(GEMINI_PIECE), Act::Stall])).await;
    let limits = LlmTimeouts {
        idle: SHORT,
        ..patient()
    };
    let model = model_at(Provider::Gemini, &double.url, limits);
    let (reply, text, _) = streamed(model.as_ref(), &plain()).await;
    assert_eq!((reply, text.as_str()), (Err(timeout()), "a"));
}

#[tokio::test]
async fn an_answer_at_once_has_the_whole_time_and_no_more() {
    let double = Double::always(vec![Act::Stall]).await;
    let limits = LlmTimeouts {
        first_byte: Duration::from_millis(1),
        whole: SHORT,
        ..patient()
    };
    for provider in Provider::ALL {
        let model = model_at(provider, &double.url, limits);
        assert_eq!(model.complete(&plain()).await, Err(timeout()), "{provider}");
        assert_eq!(model.check().await, Err(timeout()), "{provider}");
    }
}

#[tokio::test]
async fn a_stream_of_comments_ends_with_the_time_of_the_whole_call() {
    let beat = chunk(b": still there\n\n");
    let double = Double::always(sse(vec![beat.clone(), beat, Act::Stall])).await;
    let limits = LlmTimeouts {
        whole: SHORT,
        ..patient()
    };
    let model = model_at(Provider::OpenAi, &double.url, limits);
    let (reply, ..) = streamed(model.as_ref(), &plain()).await;
    assert_eq!(reply, Err(timeout()));
}

#[tokio::test]
async fn a_refusal_that_never_ends_is_told_by_its_status() {
    let head = "HTTP/1.1 503 X\r\ncontent-length: 100\r\n\r\nbusy";
    let double = Double::always(vec![Act::text(head), Act::Break]).await;
    let model = model_at(Provider::OpenAi, &double.url, patient());
    let reason = "503: busy".to_owned();
    let expected = ChatError::Overloaded { after: None, reason };
    assert_eq!(model.complete(&plain()).await, Err(expected));
}

#[tokio::test]
async fn a_connection_that_broke_before_the_answer_is_told_from_one_that_cut_it() {
    let gone = Double::always(vec![Act::Break]).await;
    let model = model_at(Provider::Gemini, &gone.url, patient());
    let (reply, ..) = streamed(model.as_ref(), &plain()).await;
    assert_eq!(reply.unwrap_err().kind(), "transport");
    let cut = Double::always(sse(vec![chunk(GEMINI_PIECE), Act::Break])).await;
    let model = model_at(Provider::Gemini, &cut.url, patient());
    let (reply, text, _) = streamed(model.as_ref(), &plain()).await;
    assert_eq!((reply, text.as_str()), (Err(CUT), "a"));
}

#[tokio::test]
async fn a_body_that_is_shorter_than_it_says_is_truncated_and_so_is_json_without_its_end() {
    let body = br#"{"candidates":[{"content":{"parts":[{"text":"all of it"}]},"finishReason":"STOP"}]}"#;
    let json = "content-type: application/json\r\n";
    let mut short = response(200, json, body);
    short.truncate(short.len() - 5);
    let half = response(200, json, &body[..body.len() - 5]);
    for bytes in [short, half] {
        let double = Double::always(vec![Act::Send(bytes)]).await;
        let model = model_at(Provider::Gemini, &double.url, patient());
        assert_eq!(model.complete(&plain()).await, Err(CUT));
    }
}

#[tokio::test]
async fn nobody_listening_is_a_transport_error() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for provider in Provider::ALL {
        let model = model_at(provider, &url, patient());
        let error = model.complete(&plain()).await.unwrap_err();
        assert_eq!(error.kind(), "transport", "{provider}");
    }
}

#[tokio::test]
async fn a_piece_without_an_end_is_not_read_for_ever() {
    let pieces = vec![chunk(&vec![b'x'; 256 * 1024]); MAX_FRAME_BYTES / (256 * 1024) + 1];
    let double = Double::always(sse([pieces, vec![stream_end()]].concat())).await;
    for provider in Provider::ALL {
        let model = model_at(provider, &double.url, patient());
        let (reply, ..) = streamed(model.as_ref(), &plain()).await;
        let reason = format!("a piece is longer than {MAX_FRAME_BYTES} bytes");
        assert_eq!(reply, Err(ChatError::Malformed { reason }), "{provider}");
    }
}

#[tokio::test]
async fn an_answer_without_an_end_is_not_read_for_ever() {
    let line = [vec![b':'; 1024 * 1024 - 1], vec![b'\n']].concat();
    let pieces = vec![chunk(&line); MAX_ANSWER_BYTES / line.len() + 1];
    let double = Double::always(sse([pieces, vec![stream_end()]].concat())).await;
    let model = model_at(Provider::OpenAi, &double.url, patient());
    let (reply, ..) = streamed(model.as_ref(), &plain()).await;
    let reason = format!("it is longer than {MAX_ANSWER_BYTES} bytes");
    assert_eq!(reply, Err(ChatError::Malformed { reason }));
}
