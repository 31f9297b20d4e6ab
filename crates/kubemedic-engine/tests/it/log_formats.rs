//! Log formats, each case a line of `fixtures/log_formats/*.jsonl`: a text (`input`, or `input_bytes` in hexadecimal where it
//! is not UTF-8) and its records with line, timestamp, severity, source and message.

use std::{fmt::Write as _, fs, path::PathBuf};

use kubemedic_engine::intake;
use serde_json::{Value, json};

/// The cases of all files, in the order of their names.
fn cases() -> Vec<Value> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/log_formats"));
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    files
        .iter()
        .flat_map(|file| {
            let text = fs::read_to_string(file).expect("a file of cases");
            text.lines()
                .map(|line| serde_json::from_str(line).expect("a case"))
                .collect::<Vec<Value>>()
        })
        .collect()
}

/// The bytes of a case's input.
fn input_of(case: &Value) -> Vec<u8> {
    if let Some(text) = case["input"].as_str() {
        return text.as_bytes().to_vec();
    }
    let hexadecimal = case["input_bytes"].as_str().expect("an input");
    hexadecimal
        .as_bytes()
        .chunks(2)
        .map(|pair| {
            let pair = std::str::from_utf8(pair).expect("hexadecimal digits");
            u8::from_str_radix(pair, 16).expect("hexadecimal digits")
        })
        .collect()
}

/// What is read of an input, in the form of the cases.
fn records_of(input: &[u8]) -> Vec<Value> {
    let text = intake::decode(input);
    intake::log_records(&text)
        .iter()
        .map(|record| {
            json!({
                "line": record.line,
                "timestamp": record.timestamp.map(|time| time.to_string()),
                "severity": record.severity,
                "source": record.source.name(),
                "message": record.message,
            })
        })
        .collect()
}

#[test]
fn every_case_of_the_log_formats_is_read_as_it_says() {
    let cases = cases();
    let mut differences = String::new();
    for case in &cases {
        let (expected, read) = (&case["records"], records_of(&input_of(case)));
        if expected.as_array() != Some(&read) {
            let _ = writeln!(
                differences,
                "{}\n  input    {}\n  expected {expected}\n  read     {}",
                case["name"],
                case["input"],
                Value::from(read)
            );
        }
    }
    println!("{} cases of log formats", cases.len());
    assert!(differences.is_empty(), "{differences}");
    assert!(cases.len() >= 400, "only {} cases", cases.len());
}
