//! Private keys in PEM (RFC 7468) and in the armour of OpenPGP: whole, cut off, indented, or with line breaks written as `\n`.

use super::cursor::{Span, byte, is_blank, is_quote, run, starts_at};

/// The longest block whose end is looked for.
const BLOCK_BYTES: usize = 64 * 1024;

/// A key has at least this many letters and digits.
const KEY_CHARACTERS: usize = 40;

/// A word as long as this is key material wherever it stands; a shorter one ends a block and stands alone on its line.
const LONG_WORD: usize = 40;

/// The lines that may stand between the beginning and the key.
const HEADERS: &[&[u8]] = &[
    b"Proc-Type:",
    b"DEK-Info:",
    b"Version:",
    b"Comment:",
    b"Hash:",
    b"Charset:",
];

/// `-----BEGIN ... PRIVATE KEY-----` to its end, or as far as key material goes. `no_end_before` remembers up to where there
/// is known to be no end, so that many beginnings without one do not search the same text again.
pub(super) fn private_key(bytes: &[u8], at: usize, no_end_before: &mut usize) -> Option<Span> {
    let label = run(bytes, at + 10, 60, |byte| byte != b'-' && byte != b'\n');
    let name = bytes.get(at + 10..label)?;
    if memchr::memmem::find(name, b"PRIVATE KEY").is_none() || !starts_at(bytes, label, b"-----") {
        return None;
    }
    let body = label + 5;
    let (content_end, end) = if let Some(end) = closing(bytes, body, no_end_before) {
        let label = run(bytes, end + 8, 60, |byte| byte != b'-' && byte != b'\n');
        (end, run(bytes, label, 5, |byte| byte == b'-'))
    } else {
        let end = key_material(bytes, body);
        (end, end)
    };
    let content = bytes.get(body..content_end)?;
    let size = content.iter().filter(|byte| byte.is_ascii_alphanumeric());
    (size.take(KEY_CHARACTERS).count() == KEY_CHARACTERS).then_some(Span {
        start: at,
        end,
        kind: "private-key",
    })
}

/// Where the end of a block begins.
fn closing(bytes: &[u8], body: usize, no_end_before: &mut usize) -> Option<usize> {
    if body < *no_end_before {
        return None;
    }
    let window = bytes.get(body..bytes.len().min(body + BLOCK_BYTES))?;
    let end = memchr::memmem::find(window, b"-----END").map(|end| body + end);
    if end.is_none() {
        *no_end_before = body + window.len();
    }
    end
}

/// Where the key material that begins at a place ends; the place itself where there is none.
pub(super) fn key_material(bytes: &[u8], from: usize) -> usize {
    let mut end = from;
    loop {
        let (start, fresh) = separator(bytes, end);
        if fresh && HEADERS.iter().any(|header| starts_at(bytes, start, header)) {
            end = run(bytes, start, usize::MAX, |byte| !matches!(byte, b'\n' | b'\\'));
            continue;
        }
        let word = run(bytes, start, usize::MAX, is_base64);
        if word - start >= LONG_WORD {
            end = word;
            continue;
        }
        let alone = (fresh || start == from) && is_line_end(bytes, word);
        return if alone && word > start { word } else { end };
    }
}

/// Steps over what stands between two words of a key, and tells whether a line break was among it.
fn separator(bytes: &[u8], from: usize) -> (usize, bool) {
    let (mut at, mut fresh) = (from, false);
    loop {
        match byte(bytes, at) {
            b'\n' | b'\r' => fresh = true,
            b' ' | b'\t' | b'"' | b'\'' | b',' | b'|' => {}
            b'\\' => {
                let letter = run(bytes, at, 4, |byte| byte == b'\\');
                if !matches!(byte(bytes, letter), b'n' | b'r') {
                    return (at, fresh);
                }
                fresh = true;
                at = letter;
            }
            _ => return (at, fresh),
        }
        at += 1;
    }
}

fn is_line_end(bytes: &[u8], at: usize) -> bool {
    let at = run(bytes, at, 16, |byte| {
        is_blank(byte) || is_quote(byte) || byte == b','
    });
    matches!(byte(bytes, at), b'\n' | b'\r' | b'\\' | b'}' | 0)
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}
