//! Proves that strings are written as `serde_json` writes them.

use super::*;

#[test]
fn every_ascii_character_at_every_place_is_written_as_serde_json_writes_it() {
    for character in (0..=0x7f_u8)
        .map(char::from)
        .chain(['\u{e9}', '\u{2028}', '\u{1f600}'])
    {
        for before in 0..20 {
            let text = format!("{}{character}tail \"q\" \\ end", "x".repeat(before));
            let mut written = Vec::new();
            write_string(&mut written, &text);
            assert_eq!(
                String::from_utf8(written).expect("UTF-8"),
                serde_json::to_string(&text).expect("JSON"),
                "{text:?}"
            );
        }
    }
}

#[test]
fn a_run_ends_at_the_first_character_that_needs_an_escape() {
    assert_eq!(unescaped_run(b""), 0);
    assert_eq!(unescaped_run(b"plain text of twenty"), 20);
    assert_eq!(unescaped_run("caf\u{e9} \u{1f600} and on\"".as_bytes()), 17);
    assert_eq!(unescaped_run(b"0123456\n"), 7);
    assert_eq!(unescaped_run(b"01234567\\\""), 8);
}
