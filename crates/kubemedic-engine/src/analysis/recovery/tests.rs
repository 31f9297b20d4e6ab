//! Tests of recovery in logs.

use kubemedic_model::log::{LogRecord, LogSource, Severity};

use super::Recovery;
use crate::intake::{Intake, SourcedRecord};

fn log(lines: &[(Severity, &str)]) -> Intake {
    let record = |(line, (severity, message)): (u64, &(Severity, &str))| SourcedRecord {
        part: String::new(),
        record: LogRecord {
            line,
            line_count: 1,
            severity: *severity,
            source: LogSource::default(),
            message: (*message).to_owned(),
            ..LogRecord::default()
        },
    };
    Intake {
        records: (1..).zip(lines).map(record).collect(),
        ..Intake::default()
    }
}

#[test]
fn a_retry_that_succeeded_has_passed() {
    let intake = log(&[
        (Severity::Warn, "db: attempt 1 failed: connection refused"),
        (Severity::Warn, "db: attempt 2 failed: connection refused"),
        (Severity::Info, "db: connected on attempt 3"),
    ]);
    let recovery = Recovery::new(&intake);
    assert!(recovery.has_passed("", Some(1), "db: attempt 1 failed: connection refused"));
}

#[test]
fn a_trouble_that_comes_back_or_is_never_denied_has_not_passed() {
    let back = log(&[
        (Severity::Error, "call failed"),
        (Severity::Info, "connected"),
        (Severity::Error, "call failed"),
    ]);
    assert!(!Recovery::new(&back).has_passed("", Some(1), "call failed"));
    let silent = log(&[
        (Severity::Error, "call failed"),
        (Severity::Info, "not connected, waiting"),
    ]);
    assert!(!Recovery::new(&silent).has_passed("", Some(1), "call failed"));
    assert!(!Recovery::new(&silent).has_passed("elsewhere", Some(1), "call failed"));
}
