//! A language model by script behind OpenAI's wire: it takes one key, answers each agent in its form, and keeps nothing.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
};

use serde_json::{Value, json};

/// The key that the server takes. It must be found nowhere else.
pub const KEY: &str = "sk-medic-4711-very-secret-key";
/// The model that it has.
pub const MODEL: &str = "scripted-1";

/// Starts it; gives its base address.
pub fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(stream));
        }
    });
    address
}

fn serve(stream: TcpStream) {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length, mut allowed) = (String::new(), 0, false);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        allowed |= line.trim_end().ends_with(&format!("Bearer {KEY}"));
        if first.is_empty() {
            first = line;
        } else if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let (status, kind, answer) = match (allowed, first.starts_with("GET /v1/models ")) {
        (false, _) => (
            "401 Unauthorized",
            "application/json",
            json!({"error": {"message": "no such key", "code": "invalid_api_key"}}).to_string(),
        ),
        (true, true) => (
            "200 OK",
            "application/json",
            json!({"data": [{"id": MODEL}]}).to_string(),
        ),
        (true, false) => ("200 OK", "text/event-stream", chunks(&body)),
    };
    let length = answer.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    let _ = reader.get_mut().write_all(format!("{head}{answer}").as_bytes());
}

/// An answer in the form of the agent that asks, as a stream.
fn chunks(body: &[u8]) -> String {
    let request: Value = serde_json::from_slice(body).unwrap();
    let text = request.to_string();
    let form = |name: &str| text.contains(&format!("\"name\":\"{name}\""));
    let answer = if form("monitoring") {
        json!({"reasoning": "One login fails again and again.", "insights": []})
    } else if form("remediation") {
        json!({"reasoning": "The plan is enough.", "plans": []})
    } else {
        json!({"reasoning": "The password does not fit.", "causes": [], "explanation_of_first": "",
            "disagreement_reason": null, "missing": ["who changed the password"]})
    };
    let chunk = |delta: Value, reason: Value| json!({"id": "r1", "model": MODEL, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]});
    let usage = json!({"id": "r1", "model": MODEL, "choices": [],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 50}});
    let parts = [
        chunk(json!({"content": answer.to_string()}), Value::Null),
        chunk(json!({}), json!("stop")),
        usage,
    ];
    let frames: Vec<String> = parts.iter().map(|part| format!("data: {part}\n\n")).collect();
    let mut stream = frames.concat();
    stream.push_str("data: [DONE]\n\n");
    stream
}
