//! Proves the reading of single lines.

use kubemedic_model::log::Severity;

use super::*;

fn entries(line: &str) -> Vec<Entry<'static>> {
    match parse(&strip_ansi(line)) {
        Parsed::One(entry) => vec![entry.into_owned()],
        Parsed::Batch(entries) => entries,
    }
}

fn read(line: &str) -> Entry<'static> {
    entries(line).pop().expect("an entry")
}

/// A line, its severity and its message.
type Case = (&'static str, Severity, &'static str);

fn assert_read(cases: &[Case]) {
    for (line, severity, message) in cases {
        let entry = read(line);
        assert_eq!((entry.severity, &*entry.message), (*severity, *message), "{line}");
    }
}

#[test]
fn json_and_pairs_tell_severity_and_message() {
    assert_read(&[
        (
            r#"{"level":"warn","ts":1761019822.3,"msg":"slow"}"#,
            Severity::Warn,
            "slow",
        ),
        (
            r#"{"level":50,"time":1742214812400,"pid":1,"msg":"no db"}"#,
            Severity::Error,
            "no db",
        ),
        (
            r#"{"@t":"2025-01-01T00:00:00Z","@mt":"started"}"#,
            Severity::Info,
            "started",
        ),
        (
            r#"{"@timestamp":"2025-01-01T00:00:00Z","log.level":"debug","message":"m","log":{"logger":"a"}}"#,
            Severity::Debug,
            "m",
        ),
        (
            r#"{"timestamp":"2025-10-28T19:15:10Z","level":"INFO","fields":{"message":"shave"},"target":"t"}"#,
            Severity::Info,
            "shave",
        ),
        (
            r#"{"PRIORITY":"3","MESSAGE":"disk","__REALTIME_TIMESTAMP":"1534860261221373"}"#,
            Severity::Error,
            "disk",
        ),
        (
            r#"{"log":"E0507 11:59:28.664457 1 a.go:1] gone\n","stream":"stderr","time":"2016-10-05T00:00:30Z"}"#,
            Severity::Error,
            "gone",
        ),
        (
            "level=error ts=2025-02-02T02:02:02Z msg=\"bad config\" err=\"line 4\"",
            Severity::Error,
            "bad config: line 4",
        ),
    ]);
}

#[test]
fn a_word_after_the_time_tells_the_severity() {
    assert_read(&[
        (
            "W0430 11:29:23.177635       1 nanny.go:120] Got EOF",
            Severity::Warn,
            "Got EOF",
        ),
        (
            "2024-05-07T10:54:49.531Z [INFO]  expiration: revoked",
            Severity::Info,
            "expiration: revoked",
        ),
        (
            "2024-05-08 15:23:58.902 [DEBUG][606918] felix/sync 356: Pong",
            Severity::Debug,
            "felix/sync 356: Pong",
        ),
        (
            "2024/02/29 11:01:03 [emerg] 1#1: duplicate",
            Severity::Fatal,
            "1#1: duplicate",
        ),
        (
            "2025-06-05 17:10:04 MSK [608-3] [local] a@b WARNING: terminating",
            Severity::Warn,
            "terminating",
        ),
        (
            "2020-08-06T14:25:02.8Z 0 [Note] [MY-012487] [InnoDB] begin",
            Severity::Info,
            "[MY-012487] [InnoDB] begin",
        ),
    ]);
}

#[test]
fn marks_letters_and_prefixes_tell_the_severity() {
    assert_read(&[
        (
            "1:M 29 Aug 2023 13:47:38.984 # low memory",
            Severity::Warn,
            "low memory",
        ),
        ("[06:23:18 FTL] gone", Severity::Fatal, "gone"),
        (
            "<27>1 2017-04-27T07:59:12+02:00 h app - - - broken",
            Severity::Error,
            "broken",
        ),
        (
            "2025-04-24T22:09:20.856Z\terror\tq.go:128\tfailed",
            Severity::Error,
            "q.go:128\tfailed",
        ),
        (
            "\u{1b}[33m2025-08-08 07:06:59.619 WARNING  none\u{1b}[0m",
            Severity::Warn,
            "none",
        ),
        (
            "log: WARN tile index not loaded",
            Severity::Warn,
            "tile index not loaded",
        ),
        (
            "FATAL:  sorry, too many clients",
            Severity::Fatal,
            "sorry, too many clients",
        ),
    ]);
}

#[test]
fn words_that_only_look_like_severities_are_none() {
    for line in [
        "terror in the night",
        "checked=1 errors=0 failed=0",
        "PASS test_error_handler (0.01s)",
        "3 passed, 0 failed",
        "the errorCode was 0",
        "/srv/error/page served",
    ] {
        assert_eq!(read(line).severity, Severity::Unknown, "{line}");
    }
    assert_eq!(
        read(r#"{"level":"info","msg":"m","error":null}"#).severity,
        Severity::Info
    );
    assert_eq!(
        read(r#"{"msg":"m","error":null,"err_count":0}"#).severity,
        Severity::Unknown
    );
}

#[test]
fn prefixes_name_the_source() {
    let kubectl = read("[pod/web-1/app] INFO up");
    assert_eq!(
        (kubectl.source.pod.as_deref(), kubectl.source.container.as_deref()),
        (Some("web-1"), Some("app"))
    );
    assert_eq!(
        (kubectl.severity, kubectl.message.as_ref()),
        (Severity::Info, "up")
    );
    let stern = read("web-7c8d9b6f54-2lkzx app ERROR down");
    assert_eq!(stern.source.pod.as_deref(), Some("web-7c8d9b6f54-2lkzx"));
    assert_eq!(
        (stern.severity, stern.message.as_ref()),
        (Severity::Error, "down")
    );
    let compose = read("web-1  | 2024-04-25T05:32:35Z INFO up");
    assert_eq!(compose.source.service.as_deref(), Some("web-1"));
    assert!(compose.timestamp.is_some());
}

#[test]
fn the_status_of_a_request_is_its_severity() {
    let line = |status: u32| {
        format!("10.1.0.3 - - [01/Feb/2025:12:00:00 +0000] \"GET /errors HTTP/1.1\" {status} 150 \"-\"")
    };
    assert_eq!(read(&line(200)).severity, Severity::Info);
    assert_eq!(read(&line(404)).severity, Severity::Warn);
    assert_eq!(read(&line(502)).severity, Severity::Error);
    assert!(read(&line(502)).timestamp.is_some());
}

#[test]
fn an_otlp_batch_gives_every_record() {
    let line = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"k8s.pod.name","value":{"stringValue":"a"}}]},"scopeLogs":[{"logRecords":[{"timeUnixNano":"1700000000000000000","severityNumber":17,"body":{"stringValue":"x"}},{"severityText":"WARN","body":{"stringValue":"y"}}]}]}]}"#;
    let told: Vec<(Severity, String, Option<String>)> = entries(line)
        .into_iter()
        .map(|entry| {
            (
                entry.severity,
                entry.message.into_owned(),
                entry.source.pod.map(Cow::into_owned),
            )
        })
        .collect();
    let pod = Some("a".to_owned());
    assert_eq!(
        told,
        [
            (Severity::Error, "x".to_owned(), pod.clone()),
            (Severity::Warn, "y".to_owned(), pod)
        ]
    );
}
