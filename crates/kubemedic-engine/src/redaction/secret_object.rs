//! The data of Kubernetes Secrets inside a text, written as YAML or as JSON, alone or in lists.

use super::cursor::{Span, byte, is_blank, run, run_back};

const KIND: &str = "secret-data";

/// Deeper nesting than this is no Kubernetes object.
const MAX_DEPTH: usize = 256;

/// The values in `data` and `stringData` of Secrets, where the kind is named as in YAML or as in JSON.
pub(super) fn find(text: &str, (in_yaml, in_json): (bool, bool), spans: &mut Vec<Span>) {
    if in_yaml {
        yaml(text, spans);
    }
    if in_json {
        json(text.as_bytes(), spans);
    }
}

/// An object of YAML whose keys stand in one column.
#[derive(Debug, Default)]
struct YamlObject {
    column: usize,
    is_secret: bool,
    in_data: bool,
    values: Vec<Span>,
}

fn yaml(text: &str, spans: &mut Vec<Span>) {
    let mut stack: Vec<YamlObject> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        yaml_line(text, at, line, (&mut stack, spans));
        at += line.len();
    }
    close(&mut stack, spans, 0);
}

fn yaml_line(text: &str, at: usize, line: &str, (stack, spans): (&mut Vec<YamlObject>, &mut Vec<Span>)) {
    let body = line.trim_end();
    let indent = body.len() - body.trim_start_matches([' ', '\t']).len();
    let content = body.get(indent..).unwrap_or("");
    if content.is_empty() || content.starts_with('#') {
        return;
    }
    if content == "---" {
        close(stack, spans, 0);
        return;
    }
    if let Some(data) = stack
        .iter_mut()
        .find(|object| object.in_data && indent > object.column)
    {
        data.values.extend(yaml_value(text, at + indent, at + body.len()));
        return;
    }
    let column = indent + if content.starts_with("- ") { 2 } else { 0 };
    close(stack, spans, if column > indent { column } else { column + 1 });
    if stack.last().is_none_or(|object| object.column < column) && stack.len() < MAX_DEPTH {
        stack.push(YamlObject {
            column,
            ..YamlObject::default()
        });
    }
    if let Some(object) = stack.last_mut() {
        let key = content.trim_start_matches("- ");
        object.in_data = matches!(key, "data:" | "stringData:");
        object.is_secret |= key == "kind: Secret";
    }
}

/// Ends the objects whose keys stand in the column or further right.
fn close(stack: &mut Vec<YamlObject>, spans: &mut Vec<Span>, column: usize) {
    while let Some(object) = stack.pop_if(|object| object.column >= column) {
        if object.is_secret {
            spans.extend(object.values);
        }
    }
}

/// The value of `key: value`, else the whole line, which continues a value.
fn yaml_value(text: &str, start: usize, end: usize) -> Option<Span> {
    let line = text.get(start..end)?;
    let (from, value) = match line.split_once(": ") {
        Some((key, value)) if !key.contains(' ') => (start + key.len() + 2, value),
        _ if line.ends_with(':') => return None,
        _ => (start, line),
    };
    let skipped = value.len() - value.trim_start_matches([' ', '"', '\'']).len();
    let bare = value.trim_matches([' ', '"', '\'']);
    let start = from + skipped;
    let block = matches!(bare, "|" | "|-" | "|+" | ">" | ">-" | ">+" | "{}" | "null");
    (!block && !bare.is_empty()).then(|| Span {
        start,
        end: start + bare.len(),
        kind: KIND,
    })
}

/// A JSON object or list that is open.
#[derive(Debug, Default)]
struct JsonFrame {
    key: (usize, usize),
    is_data: bool,
    is_secret: bool,
    values: Vec<Span>,
}

fn json(bytes: &[u8], spans: &mut Vec<Span>) {
    let mut stack: Vec<JsonFrame> = Vec::new();
    let mut at = 0;
    while let Some(offset) = bytes
        .get(at..)
        .and_then(|rest| rest.iter().position(|byte| matches!(byte, b'"' | b'{' | b'}')))
    {
        let place = at + offset;
        at = place + 1;
        match byte(bytes, place) {
            b'{' => open(bytes, &mut stack),
            b'}' => shut(&mut stack, spans),
            _ => at = string(bytes, place + 1, (&mut stack, spans)),
        }
    }
    while !stack.is_empty() {
        shut(&mut stack, spans);
    }
}

fn open(bytes: &[u8], stack: &mut Vec<JsonFrame>) {
    let is_data = stack.last().is_some_and(|frame| {
        frame.is_data || matches!(bytes.get(frame.key.0..frame.key.1), Some(b"data" | b"stringData"))
    });
    if stack.len() >= MAX_DEPTH {
        stack.clear();
    }
    stack.push(JsonFrame {
        is_data,
        ..JsonFrame::default()
    });
}

fn shut(stack: &mut Vec<JsonFrame>, spans: &mut Vec<Span>) {
    let Some(frame) = stack.pop() else { return };
    match stack.last_mut() {
        Some(parent) if frame.is_data => {
            parent.values.extend(frame.values);
            parent.key = (0, 0);
        }
        _ if frame.is_secret => spans.extend(frame.values),
        _ => {}
    }
}

/// Reads a string from behind its opening quote and returns where the reading goes on.
fn string(bytes: &[u8], start: usize, (stack, spans): (&mut [JsonFrame], &mut Vec<Span>)) -> usize {
    let mut end = start;
    loop {
        end = run(bytes, end, usize::MAX, |byte| {
            !matches!(byte, b'"' | b'\\' | b'\n' | 0)
        });
        match byte(bytes, end) {
            b'\\' if byte(bytes, end + 1) != b'\n' => end += 2,
            b'"' => break,
            _ => return end.max(start).min(bytes.len()),
        }
    }
    let content = bytes.get(start..end).unwrap_or(&[]);
    if is_escaped_secret(content) {
        spans.push(Span {
            start,
            end,
            kind: "secret-manifest",
        });
        return end + 1;
    }
    let Some(frame) = stack.last_mut() else {
        return end + 1;
    };
    if byte(bytes, run(bytes, end + 1, 8, is_blank)) == b':' {
        frame.key = (start, end);
        return end + 1;
    }
    let key = bytes.get(frame.key.0..frame.key.1).unwrap_or(&[]);
    frame.is_secret |= key == b"kind" && content == b"Secret";
    if frame.is_data && !content.is_empty() {
        frame.values.push(Span {
            start,
            end,
            kind: KIND,
        });
    }
    end + 1
}

/// A whole Secret inside a string, as in the annotation of `kubectl apply`.
fn is_escaped_secret(content: &[u8]) -> bool {
    [
        &b"\\\"kind\\\":\\\"Secret\\\""[..],
        b"\\\"kind\\\": \\\"Secret\\\"",
    ]
    .iter()
    .any(|kind| memchr::memmem::find(content, kind).is_some())
        && run_back(content, content.len(), 4, |byte| byte == b' ') > 0
}
