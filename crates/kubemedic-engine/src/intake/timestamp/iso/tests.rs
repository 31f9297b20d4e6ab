//! Proves that the fast form agrees with the calendar of `jiff`.

use jiff::civil::Date;

use super::*;

#[test]
fn every_day_of_four_centuries_and_the_edges_agree_with_jiff() {
    let mut day = Date::constant(1600, 1, 1);
    while day.year() < 2101 {
        let text = format!("{day}T23:59:58.25Z x");
        let expected = text
            .split(' ')
            .next()
            .and_then(|time| time.parse::<Timestamp>().ok());
        assert_eq!(leading(&text), expected.map(|time| (time, " x")), "{text}");
        day = day.tomorrow().expect("a day");
    }
    for text in ["0000-03-01T00:00:00Z", "9999-12-30T21:59:59.999999999Z"] {
        assert_eq!(leading(text), text.parse().ok().map(|time| (time, "")), "{text}");
    }
}

#[test]
fn what_the_general_reader_may_see_otherwise_is_left_to_it() {
    for text in [
        "2025-02-29T00:00:00Z",
        "2025-13-01T00:00:00Z",
        "2025-01-01T24:00:00Z",
        "2025-01-01T00:00:60Z",
        "2025-01-01T00:00:00.Z",
        "2025-01-01T00:00:00.0123456789Z",
        "2025-01-01T00:00:00 UTC",
        "2025-01-01T00:00:00 +0100",
        "2025-01-01T00:00:00+01:00",
        "2025-01-01T00:00:00: x",
        "2025-01/01T00:00:00Z",
        "2025-01-01T00:00",
        "2025-01-01T00:00:0\u{e9}",
    ] {
        assert_eq!(leading(text), None, "{text}");
    }
}
