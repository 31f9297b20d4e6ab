//! Proves which times count that do not open their line.

use super::*;

#[test]
fn a_time_after_columns_is_the_time_of_the_line() {
    for (line, severity, rest) in [
        (
            "WARN  [Tasks:1] 2024-06-12 08:14:03,120 A.java:1 - x",
            Severity::Warn,
            "A.java:1 - x",
        ),
        ("[W 2024-06-12 08:14:03.120 App] x", Severity::Warn, "App] x"),
        ("[E 240612 08:14:03 web:2271] x", Severity::Error, "web:2271] x"),
        ("[GIN] 2024/06/12 - 08:14:03 | 200 |", Severity::Unknown, "200 |"),
        (
            "=ERROR REPORT==== 12-Jun-2024::08:14:03 === x",
            Severity::Error,
            "=== x",
        ),
        ("INFO   | jvm 1    | 2024/06/12 08:14:03 | x", Severity::Info, "x"),
    ] {
        let late = find(line).expect(line);
        assert_eq!((late.severity, late.stamped.rest), (severity, rest), "{line}");
        assert!(late.stamped.time.is_some(), "{line}");
    }
}

#[test]
fn a_time_within_a_sentence_is_not() {
    for line in [
        "Backup of 2024-06-12T08:14:03Z is complete",
        "the backup of 2024-06-12T08:14:03Z",
        "[info] done at 2024-06-12 08:14:03 by hand",
        "startedAt: 2024-06-12T08:14:03Z",
    ] {
        assert_eq!(find(line), None, "{line}");
    }
}
