//! Values that a name announces: `db_password = "..."`, `"apiKey": "..."`, `--token ...`, `DB_PASSWORD:  ...`, `<Token>...</Token>`,
//! `name: DB_PASSWORD` followed by `value: ...`, `System.setProperty("X_TOKEN", "...")`.

use super::{
    cursor::{DECISION_BYTES, Span, before, byte, is_blank, is_quote, run, run_back, starts_at},
    name::{Class, KnownName},
    value::{self, Shape},
};

/// The longest name that is looked at on either side of a keyword.
const NAME_BYTES: usize = 96;

/// What a keyword hit led to: where its name ends, and the secret if there is one.
pub(super) struct Outcome {
    /// Hits before this place belong to the same name.
    pub(super) name_end: usize,
    /// How many bytes were read.
    pub(super) read: usize,
    /// The secret.
    pub(super) span: Option<Span>,
}

/// Reads the name around a keyword and the value that it is given; at most `limit` bytes decide.
pub(super) fn read<'a>(
    text: &'a str,
    (at, end): (usize, usize),
    limit: usize,
    known: &mut KnownName<'a>,
) -> Outcome {
    let bytes = text.as_bytes();
    let start = run_back(bytes, at, NAME_BYTES, is_name);
    let name_end = run(bytes, end, NAME_BYTES, is_name);
    let name_end = run_back(bytes, name_end, name_end - end, |byte| {
        matches!(byte, b'.' | b'-')
    });
    let name = text.get(start..name_end).unwrap_or("");
    let mut outcome = Outcome {
        name_end,
        read: name_end - start,
        span: None,
    };
    if let Some(place) = find_place(bytes, start, name_end)
        && let Some(class) = known.classify(name)
        && !is_checksum(bytes, start)
    {
        let (span, read) = read_value(text, place, class, limit);
        outcome.span = span;
        outcome.read += read;
    }
    outcome
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// `checksum/secret: 91698d...`, an annotation of charts.
fn is_checksum(bytes: &[u8], start: usize) -> bool {
    before(bytes, start) == b'/' && {
        let word = run_back(bytes, start - 1, 16, |byte| byte.is_ascii_alphabetic());
        matches!(
            bytes.get(word..start),
            Some(b"checksum/" | b"hash/" | b"digest/" | b"sha/")
        )
    }
}

fn find_place(bytes: &[u8], start: usize, end: usize) -> Option<Place> {
    paired(bytes, start, end)
        .or_else(|| assigned(bytes, start, end))
        .or_else(|| flag(bytes, start, end))
}

/// Where a value begins and how it is bound to its name.
#[derive(Debug, Clone, Copy)]
struct Place {
    at: usize,
    bound: bool,
    /// Only a quoted value counts: `("NAME", "value")`.
    quoted_only: bool,
}

/// `name: DB_PASSWORD` and then `value: ...`, in YAML and in JSON.
fn paired(bytes: &[u8], start: usize, end: usize) -> Option<Place> {
    let left = run_back(bytes, start, 8, |byte| {
        is_blank(byte) || is_quote(byte) || byte == b'\\'
    });
    if before(bytes, left) != b':' {
        return None;
    }
    let key = run_back(bytes, left - 1, 4, |byte| {
        is_quote(byte) || byte == b'\\' || is_blank(byte)
    });
    let word = run_back(bytes, key, 8, |byte| byte.is_ascii_alphabetic());
    if !matches!(bytes.get(word..key), Some(b"name" | b"Name" | b"key" | b"Key")) {
        return None;
    }
    let next = run(bytes, end, 200, |byte| {
        byte.is_ascii_whitespace() || is_quote(byte) || matches!(byte, b',' | b'\\')
    });
    value_key(bytes, next).or_else(|| value_before(bytes, word))
}

/// The value of the key `value` that begins at a place.
fn value_key(bytes: &[u8], at: usize) -> Option<Place> {
    let after = ["value", "Value"]
        .iter()
        .find_map(|word| starts_at(bytes, at, word.as_bytes()).then_some(at + word.len()))?;
    let colon = run(bytes, after, 4, |byte| {
        is_quote(byte) || is_blank(byte) || byte == b'\\'
    });
    (byte(bytes, colon) == b':').then(|| Place {
        at: run(bytes, colon + 1, 40, is_blank),
        bound: true,
        quoted_only: false,
    })
}

/// How far before the name of a pair its value may begin.
const PAIR_BYTES: usize = 256;

/// `value: ...` before `name: DB_PASSWORD`, in the same object.
fn value_before(bytes: &[u8], name: usize) -> Option<Place> {
    let window = bytes.get(name.saturating_sub(PAIR_BYTES)..name)?;
    let found = memchr::memmem::rfind(window, b"value")?;
    let between = window.get(found..)?;
    let one_pair = !between.iter().any(|byte| matches!(byte, b'{' | b'}'))
        && memchr::memchr_iter(b'\n', between).count() <= 1
        && !between.trim_ascii_end().ends_with(b"-");
    let own_key = !before(window, found).is_ascii_alphanumeric();
    (one_pair && own_key)
        .then(|| value_key(bytes, name - between.len()))
        .flatten()
}

/// `--password hunter2`.
fn flag(bytes: &[u8], start: usize, end: usize) -> Option<Place> {
    let dashed = starts_at(bytes, start, b"-") || is_directive(bytes.get(start..end));
    let spaced = is_blank(byte(bytes, end)) && byte(bytes, end + 1) != b'-';
    (dashed && spaced).then(|| Place {
        at: run(bytes, end, 8, is_blank),
        bound: true,
        quoted_only: false,
    })
}

/// `requirepass hunter2`, a line of Redis' configuration.
fn is_directive(name: Option<&[u8]>) -> bool {
    matches!(name, Some(b"requirepass" | b"masterauth"))
}

/// Steps over the mark of a block of YAML (`|`, `>-`) and its line break, where one stands.
fn into_block(bytes: &[u8], at: usize) -> usize {
    if !matches!(byte(bytes, at), b'|' | b'>') {
        return at;
    }
    let end = run(bytes, at + 1, 3, |byte| matches!(byte, b'-' | b'+' | b'0'..=b'9'));
    let line = run(bytes, end, 2, |byte| byte == b'\r' || byte == b'\n');
    let content = run(bytes, line, 64, |byte| byte == b' ');
    if line > end && content > line { content } else { at }
}

/// An operator after the name.
fn assigned(bytes: &[u8], start: usize, end: usize) -> Option<Place> {
    let closing = run(bytes, end, 4, |byte| {
        is_quote(byte) || matches!(byte, b'\\' | b']')
    });
    let mut at = run(bytes, closing, 40, is_blank);
    if at > closing && starts_at(bytes, at, b"string ") {
        at = run(bytes, at + 7, 8, is_blank);
    }
    let operator_end = run(bytes, at, 4, |byte| {
        matches!(byte, b'=' | b':' | b'>' | b'?' | b'.' | b'+' | b'|')
    });
    let operator = bytes.get(at..operator_end)?;
    if operator.contains(&b'=') || operator.contains(&b':') {
        return Some(Place {
            at: into_block(bytes, run(bytes, operator_end, 80, is_blank)),
            bound: operator.contains(&b'='),
            quoted_only: false,
        });
    }
    if operator == b">" && before(bytes, start) == b'<' {
        return Some(Place {
            at: run(bytes, operator_end, 80, |byte| byte.is_ascii_whitespace()),
            bound: true,
            quoted_only: false,
        });
    }
    if closing > end && byte(bytes, at) == b',' {
        return Some(Place {
            at: run(bytes, at + 1, 40, is_blank),
            bound: true,
            quoted_only: true,
        });
    }
    None
}

/// The words that may stand before a token in a header.
const SCHEMES: &[&str] = &[
    "bearer",
    "basic",
    "token",
    "apikey",
    "api-key",
    "api-token",
    "digest",
    "negotiate",
    "splunk",
    "ghost",
    "key",
    "flyv1",
];

/// The secret at a place, if there is one, and how many bytes were read. At most `limit` bytes decide.
fn read_value(text: &str, place: Place, class: Class, limit: usize) -> (Option<Span>, usize) {
    let bytes = text.as_bytes();
    let slashes = run(bytes, place.at, 3, |byte| byte == b'\\');
    let quote = byte(bytes, slashes);
    let quoted = is_quote(quote);
    if place.quoted_only && !quoted {
        return (None, 0);
    }
    let start = if quoted { slashes + 1 } else { place.at };
    let start = after_scheme(text, start, class);
    let ends = |byte: u8| ends_value(byte, quoted.then_some(quote), place.bound, class);
    let limit = limit.min(DECISION_BYTES);
    let reached = run(bytes, start, limit, |byte| !ends(byte));
    let decided = floor(text, reached);
    let decided = if quoted {
        decided
    } else {
        trim(bytes, start, decided)
    };
    let shape = Shape {
        quoted,
        bound: place.bound,
        last: is_last(bytes, decided),
    };
    let read = reached - start;
    let value = text.get(start..decided).unwrap_or("");
    if !value::is_secret(class, value, shape) {
        return (None, read);
    }
    let end = if read >= limit {
        run(bytes, decided, usize::MAX, |byte| !ends(byte))
    } else {
        decided
    };
    let span = Span {
        start,
        end,
        kind: class.kind(),
    };
    (Some(span), read)
}

/// Steps over `Bearer ` and the like.
fn after_scheme(text: &str, start: usize, class: Class) -> usize {
    if !matches!(class, Class::Header | Class::Token | Class::Key) {
        return start;
    }
    let bytes = text.as_bytes();
    let word = run(bytes, start, 12, |byte| {
        byte.is_ascii_alphanumeric() || byte == b'-'
    });
    let scheme = text.get(start..word).unwrap_or("").to_ascii_lowercase();
    if byte(bytes, word) == b' ' && SCHEMES.contains(&scheme.as_str()) {
        run(bytes, word, 8, is_blank)
    } else {
        start
    }
}

fn ends_value(byte: u8, quote: Option<u8>, bound: bool, class: Class) -> bool {
    let line = matches!(byte, b'\n' | b'\r' | 0);
    match quote {
        Some(quote) => line || byte == quote || byte == b'\\',
        None if class == Class::Cookie => line || matches!(byte, b'"' | b'\'' | b'\\'),
        None => {
            line || is_blank(byte)
                || is_quote(byte)
                || byte == b'\\'
                || byte == b'<'
                || (bound && matches!(byte, b'&' | b';' | b','))
        }
    }
}

/// An unquoted value does not end in the punctuation around it.
fn trim(bytes: &[u8], start: usize, mut end: usize) -> usize {
    while end > start && matches!(before(bytes, end), b',' | b';' | b'}' | b']' | b')') {
        end -= 1;
    }
    end
}

/// Moves back to the beginning of a character.
fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Whether nothing but punctuation stands between a place and the end of its line.
fn is_last(bytes: &[u8], at: usize) -> bool {
    let end = run(bytes, at, 16, |byte| {
        is_blank(byte) || is_quote(byte) || matches!(byte, b',' | b';' | b'}' | b']' | b')' | b'\\')
    });
    end == bytes.len() || matches!(byte(bytes, end), b'\n' | b'\r')
}
