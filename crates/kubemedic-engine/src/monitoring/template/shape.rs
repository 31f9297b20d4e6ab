//! The look of a stretch of a message: whether it is a number, a path, an address, an id, a file or host name, or a word.
//! It knows nothing of what stands around it but for the words after which a name stands.

use kubemedic_model::naming::is_pod_suffix;

use super::lexicon::lexicon;

/// Classes of bytes, one bit each.
pub(super) const LOWER: u8 = 1;
pub(super) const UPPER: u8 = 2;
pub(super) const DIGIT: u8 = 4;
pub(super) const DOT: u8 = 8;
pub(super) const COLON: u8 = 16;
pub(super) const SLASH: u8 = 32;
pub(super) const SIGN: u8 = 64;
/// White space and delimiters end a stretch.
pub(super) const STOP: u8 = 128;
/// The class of white space.
pub(super) const SPACE: u8 = STOP | SIGN;
pub(super) const LETTERS: u8 = LOWER | UPPER;

/// A stretch that is longer was not written by the author of a message.
const MAX_WORD_BYTES: usize = 100;

const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [SIGN; 256];
    let mut byte = 0_u8;
    loop {
        #[expect(
            clippy::indexing_slicing,
            reason = "a byte is below 256; evaluated by the compiler"
        )]
        {
            classes[byte as usize] = class_of(byte);
        }
        if byte == u8::MAX {
            return classes;
        }
        byte += 1;
    }
}

const fn class_of(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' | 0x80.. => LOWER,
        b'A'..=b'Z' => UPPER,
        b'0'..=b'9' => DIGIT,
        b'.' => DOT,
        b':' => COLON,
        b'/' | b'\\' => SLASH,
        0..=b' ' | 0x7f => SPACE,
        b'"' | b'`' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'<' | b'>' | b',' | b';' | b'=' | b'|' => {
            STOP
        }
        _ => SIGN,
    }
}

/// The class of a byte.
#[inline]
pub(super) fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(SIGN)
}

/// How long the stretch is that a text begins with, and the classes in it.
#[inline]
pub(super) fn measure(text: &[u8]) -> (usize, u8) {
    let mut seen = 0;
    for (at, byte) in text.iter().enumerate() {
        let class = class(*byte);
        if class & STOP != 0 {
            return (at, seen);
        }
        seen |= class;
    }
    (text.len(), seen)
}

/// Each byte of a word in a register.
const EACH: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = EACH * 0x80;

/// How many of eight bytes are letters before the first that is none; the first byte is the lowest.
#[inline]
pub(super) fn leading_letters(bytes: u64) -> usize {
    let lower = (bytes | (EACH * 0x20)) & !HIGH;
    let from_a = lower + EACH * (0x80 - 0x61);
    let behind_z = lower + EACH * (0x80 - 0x7b);
    let others = !(from_a & !behind_z & !bytes) & HIGH;
    usize::try_from(others.trailing_zeros() / 8).unwrap_or(0)
}

/// The length of a stretch without the marks that end it.
#[inline]
pub(super) fn core_length(text: &[u8]) -> usize {
    let tail = text
        .iter()
        .rev()
        .take_while(|byte| {
            matches!(
                byte,
                b'.' | b':' | b'!' | b'?' | b'*' | b'\'' | b'-' | b'#' | b'~'
            )
        })
        .count();
    text.len() - tail
}

/// What a stretch is by its look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Mask,
    /// A mask that may have a unit behind it.
    Number,
    Word,
    /// Letters after all.
    Letters,
    /// Marks only.
    Mark,
    /// A word of `key` bytes and a value that begins at `value`.
    Key {
        key: usize,
        value: usize,
    },
}

/// The look of a stretch whose marks at the end are cut off. The commonest looks are told by the first byte and the classes.
#[inline]
pub(super) fn look(text: &[u8], seen: u8) -> Look {
    let first = text.first().copied().unwrap_or(0);
    if first.is_ascii_digit() && seen & SLASH == 0 && (seen & COLON == 0 || seen & LETTERS == 0) {
        return Look::Number;
    }
    if first == b'/' && text.len() > 1 && seen & (LETTERS | DIGIT) != 0 {
        return Look::Mask;
    }
    look_closer(text, seen)
}

fn look_closer(text: &[u8], seen: u8) -> Look {
    if text.len() > MAX_WORD_BYTES {
        return Look::Mask;
    }
    if seen & SLASH != 0 && text.iter().any(|byte| class(*byte) == SLASH) {
        return slashed(text);
    }
    if seen & COLON != 0
        && let Some(colon) = text.iter().position(|byte| *byte == b':')
    {
        return coloned(text, colon);
    }
    if seen & DIGIT != 0 {
        return numbered(text, seen);
    }
    plain(text)
}

fn plain(text: &[u8]) -> Look {
    let classes = text.iter().fold(0, |seen, byte| seen | class(*byte));
    if classes & !LETTERS == 0 {
        return Look::Letters;
    }
    if classes & LETTERS == 0 {
        return Look::Mark;
    }
    let inner_at = text
        .iter()
        .position(|byte| *byte == b'@')
        .is_some_and(|at| at > 0 && at + 1 < text.len());
    let masked = inner_at
        || (classes & DOT != 0 && (is_file(text) || is_host(text)))
        || (text.contains(&b'-') && has_pod_suffix(text));
    if masked { Look::Mask } else { Look::Word }
}

/// Paths and URLs are masks, alternatives (`read/write`) are words.
fn slashed(text: &[u8]) -> Look {
    if text.iter().all(|byte| class(*byte) & (LETTERS | DIGIT) == 0) {
        return Look::Mark;
    }
    if let Some(colon) = text.iter().position(|byte| *byte == b':')
        && let (Some(key), Some(value)) = (text.get(..colon), text.get(colon + 1..))
        && !value.starts_with(b"//")
        && key.len() > 1
        && key.iter().all(|byte| class(*byte) & (LETTERS | SIGN) != 0)
        && !value.is_empty()
    {
        return Look::Key {
            key: colon,
            value: colon + 1,
        };
    }
    let alternatives = text.split(|byte| *byte == b'/').all(|word| lexicon().has(word));
    if alternatives { Look::Word } else { Look::Mask }
}

/// `key:value`, `Class::method`, `host:port`, `00:01`, `5c:50:15:36:bc:03`.
fn coloned(text: &[u8], colon: usize) -> Look {
    let (Some(key), Some(value)) = (text.get(..colon), text.get(colon + 1..)) else {
        return Look::Word;
    };
    let hex = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b':' || *byte == b'.';
    if text.iter().all(hex) && value.contains(&b':') {
        return Look::Mask;
    }
    if key.is_empty() {
        return Look::Mask;
    }
    if value.first() == Some(&b':') {
        return Look::Word;
    }
    let seen = key.iter().fold(0, |seen, byte| seen | class(*byte));
    match look(key, seen & !(COLON | SLASH)) {
        Look::Mask | Look::Number => Look::Number,
        _ if value.is_empty() => Look::Word,
        _ => Look::Key {
            key: colon,
            value: colon + 1,
        },
    }
}

/// A stretch with a digit in it: an identifier that has it inside stays, all others are masks.
fn numbered(text: &[u8], seen: u8) -> Look {
    let first = text.first().copied().unwrap_or(0);
    if first.is_ascii_digit() {
        return Look::Number;
    }
    if !text.iter().any(u8::is_ascii_digit) {
        return plain(text);
    }
    if matches!(
        first,
        b'-' | b'+' | b'$' | b'~' | b'#' | b'@' | b'%' | b'*' | b'&'
    ) {
        return Look::Number;
    }
    if seen & DOT != 0 {
        if let Some(dots) = text.windows(2).position(|pair| pair == b"..") {
            let rest = text.get(dots..).unwrap_or_default();
            let value = dots + rest.iter().take_while(|byte| **byte == b'.').count();
            return Look::Key { key: dots, value };
        }
        if is_file(text) || is_host(text) {
            return Look::Mask;
        }
    }
    if stays(text) { Look::Word } else { Look::Mask }
}

/// Standards whose name ends in a digit, and identifiers with one short group of digits between letters.
fn stays(text: &[u8]) -> bool {
    if matches!(
        text,
        b"IPv4"
            | b"IPv6"
            | b"ipv4"
            | b"ipv6"
            | b"ssh2"
            | b"ssh1"
            | b"md5"
            | b"MD5"
            | b"sha1"
            | b"sha256"
            | b"SHA1"
            | b"SHA256"
    ) {
        return true;
    }
    if text.last().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    let before = text.iter().take_while(|byte| !byte.is_ascii_digit()).count();
    let rest = text.get(before..).unwrap_or_default();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let after = rest.get(digits..).unwrap_or_default();
    let letters = text.iter().filter(|byte| class(**byte) & LETTERS != 0).count();
    let hexadecimal = text.iter().all(u8::is_ascii_hexdigit);
    before >= 2
        && digits <= 5
        && letters >= 5
        && !hexadecimal
        && text
            .get(before.saturating_sub(1))
            .is_some_and(|byte| class(*byte) & LETTERS != 0)
        && after
            .first()
            .is_some_and(|byte| class(*byte) & LETTERS != 0 || *byte == b'_')
        && !after.iter().any(u8::is_ascii_digit)
}

fn is_file(text: &[u8]) -> bool {
    let Some(dot) = text.iter().rposition(|byte| *byte == b'.') else {
        return false;
    };
    let ending = text.get(dot + 1..).unwrap_or_default();
    dot > 0 && lexicon().is_file(ending)
}

fn is_host(text: &[u8]) -> bool {
    let Some(dot) = text.iter().rposition(|byte| *byte == b'.') else {
        return false;
    };
    let ending = text.get(dot + 1..).unwrap_or_default();
    dot > 1 && lexicon().is_host(ending) && text.iter().all(|byte| class(*byte) & SIGN == 0 || *byte == b'-')
}

fn has_pod_suffix(text: &[u8]) -> bool {
    text.rsplit(|byte| *byte == b'-')
        .next()
        .and_then(|last| std::str::from_utf8(last).ok())
        .is_some_and(|last| is_pod_suffix(last) && last != "https")
}

/// Letters that nobody wrote: hexadecimal ones only, or very many.
#[inline]
pub(super) fn is_no_word(letters: &[u8]) -> bool {
    letters.len() >= 8 && (letters.len() > MAX_WORD_BYTES || letters.iter().all(u8::is_ascii_hexdigit))
}

/// Whether a quoted text is read as text: a request of HTTP, or so many words that it is a sentence.
pub(super) fn is_sentence(text: &[u8]) -> bool {
    const METHODS: &[&[u8]] = &[
        b"GET ",
        b"POST ",
        b"PUT ",
        b"DELETE ",
        b"HEAD ",
        b"PATCH ",
        b"OPTIONS ",
        b"CONNECT ",
    ];
    METHODS.iter().any(|method| text.starts_with(method))
        || text
            .split(|byte| *byte == b' ')
            .filter(|word| !word.is_empty() && word.iter().all(|byte| class(*byte) & LETTERS != 0))
            .nth(3)
            .is_some()
}

/// Whether the byte is a letter or a digit.
pub(super) fn is_text(byte: u8) -> bool {
    class(byte) & (LETTERS | DIGIT) != 0 && class(byte) & STOP == 0
}

/// Whether a text begins with one word in brackets.
pub(super) fn is_single(text: &[u8]) -> bool {
    text.get(1..).and_then(|rest| {
        rest.iter()
            .position(|byte| !is_text(*byte))
            .and_then(|at| rest.get(at))
    }) == Some(&b')')
}

/// How long the clause is that a text begins with: up to a comma, a semicolon or the end of what it stands in.
pub(super) fn clause_length(text: &[u8]) -> usize {
    let mut depth = 0_i32;
    text.iter()
        .position(|byte| {
            depth += i32::from(matches!(byte, b'(' | b'[' | b'{'));
            depth -= i32::from(matches!(byte, b')' | b']' | b'}'));
            depth < 0 || (depth == 0 && matches!(byte, b',' | b';'))
        })
        .unwrap_or(text.len())
}

/// The byte that closes a bracket.
pub(super) fn closing(open: u8) -> Option<u8> {
    match open {
        b'(' => Some(b')'),
        b'[' => Some(b']'),
        b'{' => Some(b'}'),
        _ => None,
    }
}

/// How long the bracketed group is that a text begins with.
pub(super) fn group_length(text: &[u8]) -> Option<usize> {
    let open = *text.first()?;
    let close = closing(open)?;
    let mut depth = 0_u32;
    for (at, byte) in text.iter().enumerate() {
        if *byte == open {
            depth += 1;
        } else if *byte == close {
            depth -= 1;
            if depth == 0 {
                return Some(at + 1);
            }
        }
    }
    None
}

/// How long the value is that a text begins with: quoted, in brackets, or up to white space or a delimiter.
pub(super) fn value_length(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let rest = text.get(at..).unwrap_or_default();
        let length = match byte {
            b'"' | b'\'' if at == 0 => rest
                .iter()
                .skip(1)
                .position(|other| other == byte)
                .map(|length| length + 2),
            b'{' | b'(' | b'[' => group_length(rest),
            b'=' | b'<' => Some(1),
            _ if class(*byte) & STOP != 0 => None,
            _ => Some(1),
        };
        let Some(length) = length else { return at };
        at += length;
    }
    at
}
