//! Proves that records are written as JSON values would be.

use kubemedic_engine::{intake::stream::LogStream, monitoring::Templates};
use serde_json::{Value, json};

use super::*;

/// The lines that the writer makes of a log, and the same made of values.
fn both(log: &str) -> (String, String) {
    let (mut writer, mut templates) = (Writer::default(), Templates::new());
    let mut values = String::new();
    let mut stream = LogStream::new();
    let mut take = |record: Record<'_>| {
        let (id, template) = templates.add(&record.message);
        let value: Value = json!({
            "line": record.line,
            "timestamp": record.timestamp.map(|time| time.to_string()),
            "severity": record.severity,
            "source": record.source_name(),
            "template_id": id.to_string(),
            "template": template,
            "message": record.message,
        });
        values.push_str(&value.to_string());
        values.push('\n');
        writer.record(&record, id, template);
    };
    stream.push(log, &mut take);
    stream.finish(&mut take);
    (String::from_utf8(writer.out).expect("UTF-8"), values)
}

#[test]
fn records_are_written_as_json_values_would_be() {
    let times = [
        "2025-06-05T17:00:00Z",
        "2025-06-05T17:00:00.001Z",
        "2025-06-06T00:00:00.120000001Z",
        "1969-12-31T23:59:59.5Z",
        "1970-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-30T21:59:59.999999999Z",
        "2024-02-29T09:08:07.05Z",
    ];
    let mut log = times
        .map(|time| format!("{time} INFO order 17 of \"x\"\n"))
        .concat();
    log.push_str(
        "web-1  | ERROR a\tb \\ \u{e9}\n\tat c.d(E.java:1)\nno head at all \u{1}\n[pod/\"p/c] FATAL gone\n",
    );
    let (written, values) = both(&log);
    assert_eq!(written, values);
    assert_eq!(written.lines().count(), 11);
}

#[test]
fn numbers_of_every_length_are_written() {
    for number in (0..20)
        .map(|power| 10_u64.pow(power))
        .flat_map(|ten| [ten - 1, ten])
        .chain([u64::MAX])
    {
        let mut out = Vec::new();
        write_number(&mut out, number);
        assert_eq!(String::from_utf8(out).expect("UTF-8"), number.to_string());
    }
}
