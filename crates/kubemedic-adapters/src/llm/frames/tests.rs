//! Frames of both kinds, whole, unfinished and stray.

use super::{Frames, Framing, MAX_FRAME_BYTES, Rest, Unreadable};

fn cut(framing: Framing, text: &str) -> (Vec<String>, Rest) {
    let mut frames = Frames::new(framing);
    let (whole, bad) = frames.push(text.as_bytes());
    assert_eq!(bad, None);
    (whole, frames.end().unwrap())
}

#[test]
fn events_end_with_an_empty_line_and_lose_one_blank_after_the_colon() {
    let (whole, rest) = cut(
        Framing::Events,
        "\u{feff}data: a\n\n:b\ndata:  c\ndata\ndata:d\n\nevent: x\n\n",
    );
    assert_eq!(whole, ["a", " c\n\nd"]);
    assert_eq!(rest, Rest::default());
}

#[test]
fn what_has_no_end_is_told_apart() {
    let (whole, rest) = cut(Framing::Events, "data: a\n\ndata: b\n");
    assert_eq!((whole.len(), rest.unfinished.as_deref()), (1, Some("b")));
    let (whole, rest) = cut(Framing::Events, "data: a\n\ndata: b");
    assert_eq!((whole.len(), rest.unfinished.as_deref()), (1, Some("b")));
    let (whole, rest) = cut(Framing::Lines, "{}\n\n{\"a\"");
    assert_eq!((whole.len(), rest.unfinished.as_deref()), (1, Some("{\"a\"")));
}

#[test]
fn json_between_events_is_kept_and_unknown_fields_are_not() {
    let (_, rest) = cut(Framing::Events, "foo: bar\n[{\n  \"error\": 1\n}]\n");
    assert_eq!(rest.stray.as_deref(), Some("[{\n  \"error\": 1\n}]\n"));
}

#[test]
fn a_mark_of_byte_order_counts_at_the_start_only() {
    let (whole, _) = cut(Framing::Lines, "\u{feff}a\n\u{feff}b\n");
    assert_eq!(whole, ["a", "\u{feff}b"]);
}

#[test]
fn lines_and_events_have_a_size() {
    for framing in [Framing::Events, Framing::Lines] {
        let mut frames = Frames::new(framing);
        assert_eq!(frames.push(&vec![b'a'; MAX_FRAME_BYTES]).1, None);
        assert_eq!(frames.push(b"a").1, Some(Unreadable::TooLong));
    }
    let line = format!("data: {}\n", "a".repeat(MAX_FRAME_BYTES / 2));
    let mut frames = Frames::new(Framing::Events);
    assert_eq!(frames.push(line.as_bytes()).1, None);
    assert_eq!(frames.push(line.as_bytes()).1, Some(Unreadable::TooLong));
}

#[test]
fn bytes_that_are_no_text_are_told_after_the_frames_before_them() {
    let mut frames = Frames::new(Framing::Lines);
    assert_eq!(
        frames.push(b"a\n\xff\n"),
        (vec!["a".to_owned()], Some(Unreadable::NotUtf8))
    );
}
