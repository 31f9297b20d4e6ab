//! Every wide encoding is recognised and read; UTF-8 and binaries are none.

use super::*;

fn utf16_le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn utf16_be(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn utf32_le(text: &str) -> Vec<u8> {
    text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect()
}

fn utf32_be(text: &str) -> Vec<u8> {
    text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect()
}

#[test]
fn every_wide_encoding_with_a_mark_is_read_and_loses_the_mark() {
    let text = "\u{feff}ERROR größe 中文 😀\r\nnext";
    let plain = text.strip_prefix(UTF8_MARK).unwrap();
    for (bytes, name) in [
        (utf16_le(text), "UTF-16LE"),
        (utf16_be(text), "UTF-16BE"),
        (utf32_le(text), "UTF-32LE"),
        (utf32_be(text), "UTF-32BE"),
    ] {
        let encoding = WideEncoding::of(&bytes).unwrap();
        assert_eq!((encoding.name(), encoding.decode(&bytes).as_str()), (name, plain));
    }
}

#[test]
fn utf_16_of_plain_letters_needs_no_mark() {
    let text = "2026-03-14 ERROR größe\n";
    for (bytes, encoding) in [
        (utf16_le(text), WideEncoding::Utf16LittleEndian),
        (utf16_be(text), WideEncoding::Utf16BigEndian),
    ] {
        assert_eq!(WideEncoding::of(&bytes), Some(encoding));
        assert_eq!(encoding.decode(&bytes), text);
    }
}

#[test]
fn torn_and_wrong_units_become_the_replacement_character() {
    let mut torn = utf16_le("\u{feff}ab");
    torn.push(b'c');
    assert_eq!(WideEncoding::Utf16LittleEndian.decode(&torn), "ab\u{fffd}");
    let lone = [0xff, 0xfe, 0x00, 0xd8, b'a', 0];
    assert_eq!(WideEncoding::Utf16LittleEndian.decode(&lone), "\u{fffd}a");
    let beyond = [0xff, 0xfe, 0, 0, 0, 0, 0x11, 0, b'a'];
    assert_eq!(
        WideEncoding::Utf32LittleEndian.decode(&beyond),
        "\u{fffd}\u{fffd}"
    );
}

#[test]
fn utf_8_with_nuls_and_small_integers_are_not_taken_for_utf_16() {
    let integers: Vec<u8> = (0_u32..40).flat_map(u32::to_le_bytes).collect();
    for bytes in [
        &b"ERROR a\0b\0\0c plain text"[..],
        b"",
        b"a",
        b"a\0",
        "\u{feff}ERROR".as_bytes(),
        &integers,
        &[0; 64],
    ] {
        assert_eq!(WideEncoding::of(bytes), None, "{bytes:?}");
    }
}
