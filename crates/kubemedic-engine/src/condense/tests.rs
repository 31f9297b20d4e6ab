//! Tests of the parent: what stays of long logs, and that it is counted.

use std::fmt::Write as _;

use super::*;

fn condensed(text: &str) -> Condensed {
    let mut condenser = Condenser::new();
    condenser.push(text);
    condenser.finish()
}

fn line(condensed: &Condensed, number: u64) -> Option<&str> {
    condensed
        .numbers
        .iter()
        .position(|it| *it == number)
        .and_then(|at| condensed.text.lines().nth(at))
}

#[test]
fn a_short_log_stays_as_it_is() {
    let text =
        "2025-06-05T17:00:00Z INFO started\n2025-06-05T17:00:01Z ERROR refused\n\tat a.B.c(B.java:1)\n";
    let found = condensed(text);
    assert_eq!(found.text, text);
    assert_eq!(found.numbers, [1, 2, 3]);
    assert_eq!((found.repeats.len(), found.lines), (0, 3));
}

#[test]
fn repetitions_are_counted_and_left_out_and_a_single_error_among_them_stays() {
    let mut text = String::new();
    for number in 0..10_000 {
        let _ = writeln!(text, "2025-06-05T17:00:00Z INFO request {number} served");
        if number == 6_000 {
            text.push_str("2025-06-05T17:00:01Z ERROR the disk of orders is full\n");
        }
    }
    let found = condensed(&text);
    assert_eq!(found.numbers, [1, 2, 6_002, 10_000, 10_001]);
    assert_eq!(found.repeats, BTreeMap::from([(10_000, 9_996)]));
    assert_eq!(
        line(&found, 6_002),
        Some("2025-06-05T17:00:01Z ERROR the disk of orders is full")
    );
    assert_eq!(found.lines, 10_001);
}

#[test]
fn entries_with_the_same_head_and_other_causes_are_of_different_kinds() {
    let mut text = String::new();
    for _ in 0..1_000 {
        text.push_str(
            "2025-06-05T17:00:00Z ERROR job failed\n\tat a.B.run(B.java:1)\nCaused by: a.Timeout: slow\n",
        );
    }
    text.push_str(
        "2025-06-05T17:00:00Z ERROR job failed\n\tat a.B.run(B.java:1)\nCaused by: a.Refused: no\n",
    );
    for _ in 0..1_000 {
        text.push_str(
            "2025-06-05T17:00:00Z ERROR job failed\n\tat a.B.run(B.java:1)\nCaused by: a.Timeout: slow\n",
        );
    }
    let found = condensed(&text);
    assert_eq!(line(&found, 3_003), Some("Caused by: a.Refused: no"));
    assert_eq!(found.numbers.len(), 17 * 3);
}

#[test]
fn a_log_whose_every_line_is_another_kind_stays_within_the_budget_and_keeps_late_failures() {
    let mut condenser = Condenser::new();
    let letters = |mut number: u32| {
        let mut word = String::new();
        while number > 0 {
            word.push(char::from(b'a' + u8::try_from(number % 26).unwrap()));
            number /= 26;
        }
        word
    };
    for number in 1..25_000 {
        let word = letters(number * 7919);
        condenser.push(&format!("{word} {word}x {word}y {}\n", "quiet ".repeat(20)));
    }
    condenser.push("ERROR panic: the last words\n");
    let found = condenser.finish();
    assert!(found.text.len() < 2 * MAX_KEPT_BYTES, "{}", found.text.len());
    assert_eq!(line(&found, 25_000), Some("ERROR panic: the last words"));
}

#[test]
fn a_condensed_log_is_read_with_the_numbers_and_the_counts_of_the_whole_one() {
    let text = "2025-06-05T17:00:00Z ERROR connect to db:5432: connection refused\n".repeat(20_000);
    let intake = intake::read_condensed(&condensed(&text));
    let monitoring = monitoring::monitor(&intake);
    assert_eq!((intake.lines, monitoring.total_errors), (20_000, 20_000));
    let last = intake.records.last().map(|it| it.record.line);
    assert_eq!(last, Some(20_000));
}

#[test]
fn it_does_not_matter_how_a_log_is_cut_into_pieces() {
    let text = "one: a\r\ntwo: é\n\n\tat b.c(d:1)\nthree: x\nlast without an end";
    let whole = condensed(text);
    assert_eq!(whole.numbers, [1, 2, 3, 4, 5, 6]);
    for size in 1..8 {
        let mut condenser = Condenser::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.ceil_char_boundary(size.min(rest.len())));
            condenser.push(piece);
            rest = after;
        }
        assert_eq!(condenser.finish(), whole, "{size} bytes at a time");
    }
}
