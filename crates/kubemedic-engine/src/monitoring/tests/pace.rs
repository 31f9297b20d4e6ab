//! Bursts and late news.

use jiff::Timestamp;
use kubemedic_model::{
    finding::{Burst, Finding, Pace, Priority},
    log::{LogRecord, LogSource, Severity},
};

use crate::{
    intake::{Intake, SourcedRecord},
    monitoring::monitor,
};

const START: i64 = 1_700_000_040;

/// Entries of one service: at a minute, so many, with a severity and a text.
fn stream(parts: &[(i64, u32, Severity, &str)]) -> Intake {
    let mut records = Vec::new();
    for (minute, count, severity, message) in parts {
        for number in 0..*count {
            let line = u64::try_from(records.len() + 1).unwrap();
            let source = LogSource {
                service: Some("checkout".to_owned()),
                ..LogSource::default()
            };
            let record = LogRecord {
                line,
                line_count: 1,
                timestamp: Timestamp::from_second(START + minute * 60 + i64::from(number % 60)).ok(),
                severity: *severity,
                source,
                message: (*message).to_owned(),
                fields: std::collections::BTreeMap::new(),
            };
            records.push(SourcedRecord {
                part: String::new(),
                record,
            });
        }
    }
    Intake {
        records,
        ..Intake::default()
    }
}

/// Forty minutes of work, and what else happened.
fn steady(others: &[(i64, u32, Severity, &'static str)]) -> Vec<Finding> {
    let work = (0..40).map(|minute| {
        (
            minute,
            20 + u32::try_from(minute % 3).unwrap(),
            Severity::Info,
            "order placed",
        )
    });
    let parts: Vec<_> = work.chain(others.iter().copied()).collect();
    let found = monitor(&stream(&parts));
    found.errors.into_iter().chain(found.warnings).collect()
}

#[test]
fn a_minute_far_above_the_usual_is_a_burst_and_more_urgent() {
    let usual = (0..40).map(|minute| (minute, 1, Severity::Warn, "slow answer of cart"));
    let parts: Vec<_> = usual
        .chain([(31, 24, Severity::Warn, "slow answer of cart")])
        .collect();
    let found = steady(&parts);
    let burst = Burst {
        minute: Timestamp::from_second(START + 31 * 60).unwrap(),
        count: 25,
        usual: 1,
    };
    let pace = Pace {
        burst: Some(burst),
        new_after_minutes: None,
    };
    assert_eq!((found[0].pace.clone(), found[0].priority), (pace, Priority::P2));
}

#[test]
fn a_burst_raises_an_error_by_one() {
    let rare = steady(&[(3, 1, Severity::Error, "order refused")]);
    let burst = steady(&[
        (3, 1, Severity::Error, "order refused"),
        (30, 10, Severity::Error, "order refused"),
    ]);
    assert_eq!(
        (rare[0].priority, burst[0].priority),
        (Priority::P2, Priority::P1)
    );
}

#[test]
fn what_is_always_there_or_grows_with_the_traffic_is_no_burst() {
    let always: Vec<_> = (0..40)
        .map(|minute| (minute, 12, Severity::Warn, "slow answer"))
        .collect();
    assert_eq!(steady(&always)[0].pace, Pace::default());
    let mut traffic: Vec<_> = (0..40)
        .map(|minute| (minute, 2, Severity::Warn, "slow answer"))
        .collect();
    traffic.extend([
        (20, 30, Severity::Warn, "slow answer"),
        (20, 400, Severity::Info, "order placed"),
    ]);
    assert_eq!(steady(&traffic)[0].pace, Pace::default());
}

#[test]
fn what_appears_late_in_a_steady_stream_is_new() {
    let found = steady(&[(35, 1, Severity::Error, "disk write refused")]);
    assert_eq!(
        found[0].pace,
        Pace {
            burst: None,
            new_after_minutes: Some(35)
        }
    );
    let early = steady(&[(5, 1, Severity::Error, "disk write refused")]);
    assert_eq!(early[0].pace, Pace::default());
}

#[test]
fn short_streams_and_streams_without_times_say_nothing() {
    let short = monitor(&stream(&[
        (0, 5, Severity::Info, "up"),
        (1, 50, Severity::Error, "order refused"),
    ]));
    assert_eq!(short.errors[0].pace, Pace::default());
    let mut timeless = stream(&[
        (0, 50, Severity::Info, "up"),
        (39, 50, Severity::Error, "order refused"),
    ]);
    timeless
        .records
        .iter_mut()
        .for_each(|record| record.record.timestamp = None);
    assert_eq!(monitor(&timeless).errors[0].pace, Pace::default());
}
