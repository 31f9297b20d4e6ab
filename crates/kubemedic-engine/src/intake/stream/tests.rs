//! Proves that pieces of any size give what the whole text gives.

use kubemedic_model::log::{LogRecord, LogSource};

use std::fmt::Write as _;

use super::*;
use crate::intake::log_records;

/// A log with everything that crosses lines: traces, blank lines, parts of a runtime, colours, batches, long lines.
const MIXED: &str = "2025-01-24 07:00:30,227 ERROR [main] c.a.Shop : start failed\n\
    java.lang.IllegalStateException: no pool\n\tat c.a.Shop.main(Shop.java:12)\n\
    {\"level\":\"warn\",\"msg\":\"a \\\"b\\\"\",\"n\":1}\n\n  indented \u{e9}\r\n\
    2024-01-01T00:00:00Z stdout P {\"level\":\"err\n2024-01-01T00:00:00Z stderr F other\n\
    2024-01-01T00:00:00Z stderr F INFO more\n2024-01-01T00:00:00Z stdout F or\",\"msg\":\"split\"}\n\
    \u{1b}[33mWARNING  coloured\u{1b}[0m\n\u{1b}[0m\nTraceback (most recent call last):\n  File \"a.py\", line 1\n    f()\nKeyError: 'x'\n\n\
    {\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"severityText\":\"WARN\",\"body\":{\"stringValue\":\"y\"}},{\"body\":{\"stringValue\":\"z\"}}]}]}]}\n\
    E0507 11:59:28.664457 1 a.go:1] \"gone\" err=\"x y\"\nlevel=info msg=ok app=shop\nlast without end";

/// The records of a text that comes in pieces of some bytes.
fn in_pieces(text: &str, size: usize) -> Vec<LogRecord> {
    let mut records = Vec::new();
    let mut stream = LogStream::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.ceil_char_boundary(size);
        stream.push(&rest[..end], &mut |record| {
            records.push(record.into_log_record(&LogSource::default()));
        });
        rest = &rest[end..];
    }
    stream.finish(&mut |record| records.push(record.into_log_record(&LogSource::default())));
    records
}

#[test]
fn pieces_of_every_size_give_the_records_of_the_whole() {
    let whole = log_records(MIXED);
    assert!(whole.len() > 10, "{whole:#?}");
    for size in 1..=MIXED.len() {
        assert_eq!(in_pieces(MIXED, size), whole, "pieces of {size} bytes");
    }
}

#[test]
fn records_come_in_the_order_of_their_first_lines() {
    let lines: Vec<u64> = in_pieces(MIXED, 100).iter().map(|record| record.line).collect();
    assert!(lines.is_sorted(), "{lines:?}");
}

#[test]
fn a_part_without_end_keeps_no_other_record_back_for_ever() {
    let mut text = "2024-01-01T00:00:00Z stdout P beginning\n".to_owned();
    for number in 0..10_000 {
        let _ = writeln!(text, "2024-01-01T00:00:00Z stderr F INFO line {number}");
    }
    let mut stream = LogStream::new();
    let mut passed = Vec::new();
    stream.push(&text, &mut |record| passed.push(record.line));
    assert!(passed.len() > 8_000, "{}", passed.len());
    assert!(passed.is_sorted());
    assert_eq!(passed.first(), Some(&1));
}

#[test]
fn a_record_of_one_line_borrows_from_the_piece() {
    let mut stream = LogStream::new();
    let mut borrowed = Vec::new();
    let text = "INFO one\n{\"level\":\"info\",\"msg\":\"two\"}\nlevel=info msg=\"three\"\nI0507 11:59:28.664457 1 a.go:1] four\nINFO five\n";
    stream.push(text, &mut |record| {
        borrowed.push(matches!(record.message, std::borrow::Cow::Borrowed(_)));
    });
    assert_eq!(borrowed, [true; 4]);
}

#[test]
fn a_character_cut_by_a_runtime_is_put_together_across_pieces() {
    let mut decoder = Decoder::new();
    let first = decoder
        .decode(b"2024-01-01T00:00:00Z stdout P caf\xc3\n")
        .into_owned();
    let second = decoder
        .decode(b"2024-01-01T00:00:00Z stdout F \xa9 open\n")
        .into_owned();
    assert_eq!(log_records(&(first + &second))[0].message, "caf\u{e9} open");
    assert!(matches!(
        decoder.decode(b"plain\n"),
        std::borrow::Cow::Borrowed("plain\n")
    ));
    assert_eq!(decoder.decode(b"not \xff UTF-8"), "not \u{fffd} UTF-8");
}
