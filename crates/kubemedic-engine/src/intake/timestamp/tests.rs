//! Proves the forms of time.

use super::*;

fn read(text: &str) -> (Option<String>, String) {
    let stamped = leading(text).expect("a time");
    (stamped.time.map(|time| time.to_string()), stamped.rest.to_owned())
}

#[test]
fn every_known_form_is_taken_off() {
    let cases = [
        (
            "2025-01-24T07:00:30,227 INFO x",
            Some("2025-01-24T07:00:30.227Z"),
            " INFO x",
        ),
        (
            "2025-01-24 07:00:30.5+02:00 x",
            Some("2025-01-24T05:00:30.5Z"),
            " x",
        ),
        (
            "2024/02/29 11:01:03 [emerg] x",
            Some("2024-02-29T11:01:03Z"),
            " [emerg] x",
        ),
        (
            "2023.10.12 13:58:41.168802 [ 8 ]",
            Some("2023-10-12T13:58:41.168802Z"),
            " [ 8 ]",
        ),
        (
            "[11/Feb/2013:06:43:36 +0100] x",
            Some("2013-02-11T05:43:36Z"),
            " x",
        ),
        (
            "29 Aug 2023 13:47:38.984 * x",
            Some("2023-08-29T13:47:38.984Z"),
            " * x",
        ),
        ("14 Nov 07:01:22.119 * x", None, " * x"),
        (
            "[Tue Apr 04 06:18:29.712806 2017] x",
            Some("2017-04-04T06:18:29.712806Z"),
            " x",
        ),
        ("Oct 11 22:14:15 host app[1]: x", None, " host app[1]: x"),
        ("[06:23:18 WRN] x", None, " WRN] x"),
        ("03-17 16:13:38.811  1702 D", None, "  1702 D"),
    ];
    for (text, time, rest) in cases {
        assert_eq!(read(text), (time.map(str::to_owned), rest.to_owned()), "{text}");
    }
}

#[test]
fn addresses_and_words_are_not_times() {
    for text in [
        "10.112.72.172 - -",
        "2025 items",
        "1:M 29",
        "May be",
        "Monday",
        "12:30",
        "é",
    ] {
        assert_eq!(leading(text), None, "{text}");
    }
}

#[test]
fn numbers_are_read_by_their_size() {
    let expected = "2025-03-17T15:13:32Z".parse::<Timestamp>().ok();
    assert_eq!(whole("1742224412"), expected);
    assert_eq!(whole("1742224412000"), expected);
    assert_eq!(whole("1742224412000000"), expected);
    assert_eq!(
        whole("Tue, 04 Mar 2025 09:14:01 +0000"),
        "2025-03-04T09:14:01Z".parse().ok()
    );
}
