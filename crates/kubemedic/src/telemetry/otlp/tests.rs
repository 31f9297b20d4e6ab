//! What a collector receives, decoded as far as the tests look: names, attributes and metrics; and one that never answers.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, Sender, channel},
    time::Instant,
};

use secrecy::SecretString;
use tracing::{field::Empty, info_span};
use tracing_subscriber::layer::SubscriberExt;

use super::*;

/// One request that a collector got.
struct Delivered {
    head: String,
    body: Vec<u8>,
}

/// A collector on a port of its own that takes everything.
fn collector() -> (String, Receiver<Delivered>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let tell = tell.clone();
            std::thread::spawn(move || take(stream.unwrap(), &tell));
        }
    });
    (address, told)
}

fn take(stream: TcpStream, tell: &Sender<Delivered>) {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
            head.push_str(&line);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let _ = tell.send(Delivered { head, body });
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        reader.get_mut().write_all(answer).unwrap();
    }
}

/// The length-delimited fields of a protobuf message with a number.
fn parts(message: &[u8], wanted: u64) -> Vec<Vec<u8>> {
    let mut rest = message;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let key = varint(&mut rest);
        let size = match key & 7 {
            0 => {
                varint(&mut rest);
                0
            }
            1 => 8,
            2 => usize::try_from(varint(&mut rest)).unwrap(),
            5 => 4,
            other => panic!("wire type {other}"),
        };
        let (value, after) = rest.split_at(size);
        if key & 7 == 2 && key >> 3 == wanted {
            found.push(value.to_vec());
        }
        rest = after;
    }
    found
}

fn varint(rest: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let (byte, after) = rest.split_first().unwrap();
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return value;
        }
    }
}

/// The messages at a path of field numbers.
fn at(message: &[u8], path: &[u64]) -> Vec<Vec<u8>> {
    path.iter().fold(vec![message.to_vec()], |messages, number| {
        messages.iter().flat_map(|it| parts(it, *number)).collect()
    })
}

fn texts(message: &[u8], path: &[u64]) -> Vec<String> {
    let found = at(message, path).into_iter();
    found.map(|bytes| String::from_utf8(bytes).unwrap()).collect()
}

/// The name of each span (`ResourceSpans.scope_spans.spans`) with its attributes that are texts.
fn spans(body: &[u8]) -> Vec<(String, Vec<(String, String)>)> {
    let spans = at(body, &[1, 2, 2]).into_iter();
    spans
        .map(|span| {
            let attributes = parts(&span, 9).into_iter().filter_map(|it| {
                let value = texts(&it, &[2, 1]).into_iter().next()?;
                Some((texts(&it, &[1]).concat(), value))
            });
            (texts(&span, &[5]).concat(), attributes.collect())
        })
        .collect()
}

/// Runs traced code with a collector behind it, and gives what the collector got.
fn sent(content: bool, traced: impl FnOnce()) -> Vec<Delivered> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (endpoint, told) = collector();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = OtlpConfig {
        endpoint,
        headers: vec![("x-tenant".to_owned(), SecretString::from("a"))],
        service_name: "medic-test".to_owned(),
        content,
    };
    let otlp = Otlp::new(&config, runtime.handle()).unwrap();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(otlp.layer(content)), traced);
    otlp.flush();
    told.try_iter().collect()
}

fn one_call() {
    let agent = info_span!(
        "invoke_agent",
        otel.name = "invoke_agent AnalysisAgent",
        gen_ai.conversation.id = "w1"
    );
    let _agent = agent.enter();
    let chat = info_span!(
        "chat",
        otel.name = "chat gemini-3.8-flash",
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = "gcp.gemini",
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        gen_ai.response.finish_reasons = tracing::field::debug(["STOP"])
    );
    let _chat = chat.enter();
    chat.record("gen_ai.usage.input_tokens", 1200_u64);
    chat.record("gen_ai.usage.output_tokens", 80_u64);
    let _elsewhere = info_span!("request", uri = "/private").entered();
    tracing::info!(target: "gen_ai.content", { gen_ai.input.messages = "the pod api-7 is down" }, "asked");
    tracing::warn!("a line of the log");
}

#[test]
fn spans_and_metrics_about_models_arrive_by_their_names_and_nothing_else_does() {
    let delivered = sent(false, one_call);
    let of = |path: &str| {
        let mut found = delivered
            .iter()
            .filter(|it| it.head.starts_with(&format!("POST {path} ")));
        (found.next().unwrap(), found.count())
    };
    let (traces, more) = of("/v1/traces");
    assert_eq!(more, 0);
    let head = traces.head.to_ascii_lowercase();
    assert!(
        head.contains("content-type: application/x-protobuf") && head.contains("x-tenant: a"),
        "{head}"
    );
    let resource: Vec<String> = texts(&traces.body, &[1, 1, 1, 2, 1]);
    assert!(resource.contains(&"medic-test".to_owned()), "{resource:?}");
    let mut found = spans(&traces.body);
    found.sort();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        found,
        [
            (
                "chat gemini-3.8-flash".to_owned(),
                vec![
                    pair("gen_ai.operation.name", "chat"),
                    pair("gen_ai.provider.name", "gcp.gemini")
                ]
            ),
            (
                "invoke_agent AnalysisAgent".to_owned(),
                vec![pair("gen_ai.conversation.id", "w1")]
            ),
        ]
    );
    let everything: Vec<u8> = delivered.iter().flat_map(|it| it.body.clone()).collect();
    let everything = String::from_utf8_lossy(&everything).into_owned();
    for word in ["api-7", "/private", "a line of the log"] {
        assert!(!everything.contains(word), "{word}");
    }
    let mut metrics = texts(&of("/v1/metrics").0.body, &[1, 2, 2, 1]);
    metrics.sort();
    assert_eq!(
        metrics,
        ["gen_ai.client.operation.duration", "gen_ai.client.token.usage"]
    );
}

#[test]
fn content_arrives_only_where_somebody_asked_for_it() {
    let delivered = sent(true, one_call);
    let events: Vec<String> = delivered
        .iter()
        .flat_map(|it| texts(&it.body, &[1, 2, 2, 11, 3, 2, 1]))
        .collect();
    assert!(events.contains(&"the pod api-7 is down".to_owned()), "{events:?}");
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how long the end waits is what is measured"
)]
fn a_collector_that_takes_and_never_answers_holds_nobody_up() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = OtlpConfig {
        endpoint: format!("http://{}", listener.local_addr().unwrap()),
        headers: Vec::new(),
        service_name: "medic-test".to_owned(),
        content: false,
    };
    let otlp = Otlp::new(&config, runtime.handle()).unwrap();
    let began = Instant::now();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(otlp.layer(false)), || {
        for _ in 0..10_000 {
            one_call();
        }
    });
    let traced = began.elapsed();
    otlp.flush();
    let ended = began.elapsed().saturating_sub(traced);
    assert!(
        traced < Duration::from_secs(10) && ended < FAREWELL + Duration::from_secs(1),
        "{traced:?} {ended:?}"
    );
}
