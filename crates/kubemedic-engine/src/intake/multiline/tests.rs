//! Proves which lines belong to one entry.

use kubemedic_model::log::Severity;

use crate::intake::log_records;

/// First line, number of lines and severity of every entry.
fn shape(text: &str) -> Vec<(u64, u32, Severity)> {
    log_records(text)
        .iter()
        .map(|record| (record.line, record.line_count, record.severity))
        .collect()
}

#[test]
fn a_java_trace_with_its_causes_is_one_entry_with_the_error_before_it() {
    let text = "2025-01-24 07:00:30,227 ERROR [main] c.a.Shop : start failed\n\
        java.lang.IllegalStateException: no pool\n\
        \tat c.a.Shop.main(Shop.java:12)\n\
        Caused by: java.net.ConnectException: refused\n\
        \t... 12 more\n\
        2025-01-24 07:00:31,000 INFO [main] c.a.Shop : bye\n";
    assert_eq!(shape(text), [(1, 5, Severity::Error), (6, 1, Severity::Info)]);
}

#[test]
fn chained_python_tracebacks_are_one_entry() {
    let text = "INFO start\nTraceback (most recent call last):\n  File \"/a.py\", line 1, in f\n    g()\nKeyError: 'x'\n\n\
        During handling of the above exception, another exception occurred:\n\n\
        Traceback (most recent call last):\n  File \"/a.py\", line 3, in f\n    h()\nacme.Wrong: y\nINFO end\n";
    assert_eq!(
        shape(text),
        [
            (1, 1, Severity::Info),
            (2, 11, Severity::Error),
            (13, 1, Severity::Info)
        ]
    );
}

#[test]
fn a_traceback_that_lost_its_indentation_stays_together() {
    let text =
        "Traceback (most recent call last):\nFile \"/a.py\", line 1, in f\ng()\nKeyError: 'x'\nserving\n";
    assert_eq!(shape(text), [(1, 4, Severity::Error), (5, 1, Severity::Unknown)]);
}

#[test]
fn a_go_panic_without_a_time_takes_its_goroutines() {
    let text = "panic: runtime error: invalid memory address\n[signal SIGSEGV: segmentation violation]\n\n\
        goroutine 1 [running]:\nmain.(*Router).Register(0x0, {0x8f1a20, 0x9})\n\t/src/router.go:41 +0x21\n\
        main.main()\n\t/src/main.go:29 +0x1b4\npod router-1 in namespace edge\n";
    assert_eq!(shape(text), [(1, 8, Severity::Fatal), (9, 1, Severity::Unknown)]);
    assert!(log_records(text)[0].message.starts_with("panic: runtime error"));
}

#[test]
fn a_rust_panic_takes_its_message_and_note() {
    let text =
        "thread 'main' panicked at src/main.rs:2:5:\nno config\nnote: run with `RUST_BACKTRACE=1`\nnext\n";
    assert_eq!(shape(text), [(1, 3, Severity::Fatal), (4, 1, Severity::Unknown)]);
}

#[test]
fn node_frames_belong_to_their_error() {
    let text = "Error: listen EADDRINUSE\n    at Server.listen (node:net:1898:16)\nlistening elsewhere\n";
    assert_eq!(shape(text), [(1, 2, Severity::Error), (3, 1, Severity::Unknown)]);
}

#[test]
fn dotnet_messages_stand_below_their_category() {
    let text = "fail: Shop.Cart[14]\nCannot connect\ninfo: Shop.Cart[0]\n      Listening\n";
    assert_eq!(shape(text), [(1, 2, Severity::Error), (3, 2, Severity::Info)]);
}

#[test]
fn cri_parts_are_joined_by_stream() {
    let text = "2024-01-01T00:00:00Z stdout P {\"level\":\"err\n\
        2024-01-01T00:00:00Z stderr F other\n\
        2024-01-01T00:00:00Z stdout F or\",\"msg\":\"split\"}\n";
    let records = log_records(text);
    let told: Vec<(&str, Severity)> = records
        .iter()
        .map(|it| (it.message.as_str(), it.severity))
        .collect();
    assert_eq!(told, [("split", Severity::Error), ("other", Severity::Unknown)]);
}

#[test]
fn a_cri_line_cut_inside_a_character_is_put_together() {
    let mut bytes = b"2024-01-01T00:00:00Z stdout P caf\xc3\n".to_vec();
    bytes.extend_from_slice(b"2024-01-01T00:00:00Z stdout F \xa9 open\n");
    let text = crate::intake::decode(&bytes).into_owned();
    assert_eq!(log_records(&text)[0].message, "caf\u{e9} open");
    assert_eq!(text.lines().count(), 2);
}
