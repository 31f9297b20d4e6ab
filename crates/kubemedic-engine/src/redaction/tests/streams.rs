//! Redaction of text in pieces: the cuts of the stream never show.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{super::stream::StreamRedactor, Redactor, body};

fn streamed(pieces: &[&str]) -> String {
    let (mut stream, mut out) = (StreamRedactor::new(), String::new());
    for piece in pieces {
        stream.push(piece, &mut out);
    }
    stream.finish(&mut out);
    out
}

/// A text cut at the places that the numbers name.
fn pieces<'a>(text: &'a str, sizes: &[usize]) -> Vec<&'a str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    for size in sizes {
        let mut at = (*size).min(rest.len());
        while !rest.is_char_boundary(at) {
            at += 1;
        }
        let (piece, behind) = rest.split_at(at);
        pieces.push(piece);
        rest = behind;
    }
    pieces.push(rest);
    pieces
}

fn key(lines: usize) -> String {
    let mut key = format!("-----BEGIN RSA PRIVATE{} KEY-----\n", "");
    for line in 0..lines {
        let _ = writeln!(key, "{:04}{}", line, body(60));
    }
    key + "-----END RSA PRIVATE" + " KEY-----\n"
}

/// About a hundred bytes a line, with secrets, keys and manifests among them.
fn log(lines: usize) -> String {
    let mut text = String::new();
    for line in 0..lines {
        let _ = writeln!(
            text,
            "2025-06-05T17:00:00.{:03}Z INFO [main] order {line} placed in 12ms é",
            line % 1000
        );
        match line % 97 {
            3 => {
                let _ = writeln!(text, "retry with DB_PASSWORD=hunter{line} now");
            }
            11 => text.push_str(&key(14)),
            29 => text.push_str("apiVersion: v1\ndata:\n  user: YXBw\n  note: |\n    bGluZQ\nkind: Secret\n"),
            41 => text.push_str("{\n  \"data\": {\n    \"a\": \"Yg==\"\n  },\n  \"kind\": \"Secret\"\n}\n"),
            53 => text.push_str("- name: API_TOKEN\n  value: q7Rf2LxV9bTn4KdZ\n"),
            _ => {}
        }
    }
    text
}

#[test]
fn a_stream_gives_what_the_whole_text_gives_wherever_it_is_cut() {
    let text = log(4000);
    let whole = Redactor::new().redact(&text).into_owned();
    assert_eq!(whole.matches("YXBw").count(), 0);
    assert_eq!(whole.matches("hunter").count(), 0);
    for size in [1, 7, 4096, 65_536, 1_000_003] {
        let sizes = vec![size; text.len() / size + 1];
        assert!(
            streamed(&pieces(&text, &sizes)) == whole,
            "pieces of {size} bytes"
        );
    }
    assert_eq!(whole.lines().count(), text.lines().count());
}

#[test]
fn a_log_flows_through_while_it_arrives() {
    let line = "2025-06-05T17:00:00.003Z INFO [main] com.example.Orders: order 408744 placed\n";
    let (mut stream, mut out) = (StreamRedactor::new(), String::new());
    let mut held = 0;
    for count in 1..4000 {
        stream.push(line, &mut out);
        held = held.max(count * line.len() - out.len());
    }
    assert!(held < 34 * 1024, "{held} bytes held back");
}

#[test]
fn a_key_longer_than_the_bound_is_redacted_to_its_last_line() {
    let text = format!("start\n{}ready\n", key(40_000));
    let redacted = streamed(&pieces(&text, &[100_000; 30]));
    let left: String = redacted
        .split_inclusive('\n')
        .filter(|line| *line != "\n")
        .collect();
    let left: String = left.chars().take(200).collect();
    assert_eq!(
        left,
        "start\n<redacted:private-key:1>\n-----END RSA PRIVATE KEY-----\nready\n"
    );
    assert_eq!(redacted.lines().count(), text.lines().count());
    assert!(Redactor::new().redact(&text) == redacted);
}

#[test]
fn a_value_longer_than_the_bound_is_redacted_to_its_end() {
    let text = format!("API_TOKEN={} then ready\n", body(3_000_000));
    assert_eq!(
        streamed(&pieces(&text, &[70_001; 50])),
        "API_TOKEN=<redacted:token:1> then ready\n"
    );
}

#[test]
fn a_line_without_end_is_held_back_up_to_the_bound_only() {
    let (mut stream, mut out) = (StreamRedactor::new(), String::new());
    let words = "word ".repeat(10_000);
    for _ in 0..100 {
        stream.push(&words, &mut out);
    }
    assert!(out.len() > 3_800_000, "{}", out.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn no_cutting_into_pieces_shows(
        lines in prop::collection::vec(super::properties::fragment(), 1..200),
        repeats in 1_usize..200,
        sizes in prop::collection::vec(1_usize..50_000, 0..40),
    ) {
        let text = lines.join(" \n").repeat(repeats);
        let text = text.get(..text.len().min(300_000)).unwrap_or(&text);
        let whole = Redactor::new().redact(text).into_owned();
        prop_assert!(streamed(&pieces(text, &sizes)) == whole);
    }
}
