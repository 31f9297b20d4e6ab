//! Proves the words and the traps.

use super::*;

#[test]
fn words_inside_other_words_say_nothing() {
    for word in [
        "terror",
        "errorCode",
        "errors",
        "errors=0",
        "information1",
        "warned",
    ] {
        assert_eq!(of_word(word), None, "{word}");
    }
}

#[test]
fn notice_is_info_and_alert_is_fatal() {
    assert_eq!(of_word("NOTICE"), Some(Severity::Info));
    assert_eq!(of_word("alert"), Some(Severity::Fatal));
    assert_eq!(of_word("Emerg"), Some(Severity::Fatal));
}

#[test]
fn an_exception_class_at_the_start_is_an_error() {
    assert_eq!(
        implied("java.io.IOException: Too many open files"),
        Severity::Error
    );
    assert_eq!(implied("KeyError: 'welcome'"), Severity::Error);
    assert_eq!(implied("no KeyError: here"), Severity::Unknown);
    assert_eq!(implied("0 errors, 0 failed"), Severity::Unknown);
}

#[test]
fn a_panic_is_fatal() {
    assert_eq!(
        implied("panic: runtime error: index out of range"),
        Severity::Fatal
    );
    assert_eq!(
        implied("thread 'main' panicked at src/main.rs:2:5:"),
        Severity::Fatal
    );
}

#[test]
fn numbers_are_read_by_their_range() {
    let pino: Vec<Severity> = [10, 20, 30, 40, 50, 60].map(of_number).to_vec();
    assert_eq!(
        pino,
        [
            Severity::Trace,
            Severity::Debug,
            Severity::Info,
            Severity::Warn,
            Severity::Error,
            Severity::Fatal
        ]
    );
    assert_eq!(of_number(3), Severity::Error);
    assert_eq!(of_number(400), Severity::Error);
}
