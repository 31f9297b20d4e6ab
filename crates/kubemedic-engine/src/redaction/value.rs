//! Whether a value looks like a secret under a name that announces one. Entropy alone never decides.

use super::{cursor::is_quote, name::Class, provider::distinct};

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Between quotes.
    pub(super) quoted: bool,
    /// Bound by `=` or a flag, not by a colon as in prose.
    pub(super) bound: bool,
    /// Nothing but punctuation follows on its line.
    pub(super) last: bool,
}

/// Whether the value must go.
pub(super) fn is_secret(class: Class, value: &str, shape: Shape) -> bool {
    if is_placeholder(value) {
        return false;
    }
    match class {
        Class::Password => is_password(value, shape),
        Class::Token | Class::Secret | Class::Key => is_random(value, shape),
        Class::BareSecret => {
            is_random(value, shape) && !is_object_name(value) && (shape.quoted || value.len() >= 12)
        }
        Class::Header => {
            !value.contains(' ') && value.len() >= 8 && has_digit_or_mixed_case(value) && !is_version(value)
        }
        Class::Cookie => value.contains('=') || is_random(value, shape),
        Class::Blob => value.len() >= 8,
    }
}

/// Values that stand for nothing or for another place: `<nil>`, `${DB_PASSWORD}`, `****`, `<redacted:...>`.
pub(super) fn is_placeholder(value: &str) -> bool {
    let bare = value.trim_matches(|char: char| char.is_ascii() && is_quote(char as u8) || char == '\\');
    let first = bare.bytes().next().unwrap_or(0);
    matches!(first, 0 | b'<' | b'{' | b'[' | b'(')
        || is_reference(bare)
        || bare.contains("<redacted:")
        || is_filler(bare)
        || is_word_for_nothing(bare)
}

/// `$VAR`, `${VAR}`, `$(VAR)`, `{{ .Values.x }}`, `%s`, `file.path()`.
fn is_reference(value: &str) -> bool {
    let dollar = value.strip_prefix('$').is_some_and(|rest| {
        rest.starts_with(['{', '('])
            || (!rest.is_empty()
                && rest
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                && !rest.starts_with(|char: char| char.is_ascii_digit())
                || rest.len() == 1)
    });
    dollar
        || value.contains("${")
        || value.contains("$(")
        || value.contains("{{")
        || matches!(value, "%s" | "%v" | "%q" | "%d" | "%r" | "%w" | "?")
        || value.starts_with("%(")
        || value.starts_with("//")
        || value.starts_with("sha256:")
        || (value.contains('(') && value.contains(')') && !value.contains(|char: char| char.is_ascii_digit()))
}

/// One or two characters repeated, or a mask.
fn is_filler(value: &str) -> bool {
    let masked = value
        .bytes()
        .all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.' | b'#' | b'-' | b'_' | b'?'));
    masked
        || value.contains("***")
        || value.contains("xxxx")
        || value.contains("XXXX")
        || value.ends_with("...")
        || value.ends_with("EXAMPLE")
        || value.ends_with("EXAMPLEKEY")
        || longest_repeat(value) * 2 > value.len().max(8)
        || (value.len() >= 8 && distinct(value.as_bytes()) <= 2)
}

/// The length of the longest run of one character.
fn longest_repeat(value: &str) -> usize {
    let (mut longest, mut current, mut previous) = (0, 0, 0);
    for byte in value.bytes() {
        current = if byte == previous { current + 1 } else { 1 };
        previous = byte;
        longest = longest.max(current);
    }
    longest
}

fn is_word_for_nothing(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "nil",
        "null",
        "none",
        "true",
        "false",
        "undefined",
        "yes",
        "no",
        "empty",
        "unset",
        "redacted",
        "hidden",
        "masked",
        "required",
        "invalid",
        "expired",
        "missing",
        "incorrect",
        "wrong",
        "ok",
        "n/a",
        "default",
        "optional",
        "unknown",
        "rejected",
        "authentication",
        "mismatch",
        "failed",
        "denied",
        "accepted",
        "not",
        "the",
        "is",
        "string",
        "bytes",
        "enabled",
        "disabled",
        "example",
    ];
    let lower = value.trim_end_matches(['.', '!', ',']).to_ascii_lowercase();
    WORDS.contains(&lower.as_str())
        || lower.starts_with("your")
        || lower.contains("your_")
        || lower.contains("your-")
        || lower.contains("_here")
        || lower.contains("redacted")
}

/// A password may be anything; in prose (`password: access denied`) only what stands alone or looks made up.
fn is_password(value: &str, shape: Shape) -> bool {
    if value.starts_with('/') && value.matches('/').count() > 1 {
        // PWD=/srv/app is a directory, and passwordFile-like values are paths.
        return false;
    }
    if shape.quoted {
        return value.len() >= 2 && value.matches(' ').count() < 3;
    }
    let telling = value.len() >= 6 && has_digit_or_mixed_case(value);
    value.len() >= 2 && (shape.bound || shape.last || telling)
}

/// Long enough, of one piece, and not made of words, a version, a path or a date.
fn is_random(value: &str, shape: Shape) -> bool {
    let size = value.len();
    if size < 8
        || value
            .bytes()
            .any(|byte| byte <= b' ' || byte == b'(' || byte == b')')
        || is_version(value)
        || is_path(value)
    {
        return false;
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    if letters == 0 {
        return digits >= 12 && size - digits <= 2 && !is_date(value);
    }
    if digits > 0 {
        return distinct(value.as_bytes()) >= 5 && (shape.quoted || !is_name_like(value));
    }
    size >= 12 && case_changes(value) * 4 >= size
}

/// `kube-api-access-6h857`, `prod/db-credentials`: mostly whole words between separators.
pub(super) fn is_name_like(value: &str) -> bool {
    let plain = value.bytes().all(|byte| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'/' | b':' | b'_')
    });
    let in_words: usize = value
        .split(['-', '.', '/', ':', '_'])
        .filter(|part| part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_lowercase()))
        .map(str::len)
        .sum();
    plain && in_words * 2 >= value.len()
}

/// `db-credentials`, `prod/db-password-5zrfr`: what an object may be called, unless it is a UUID.
fn is_object_name(value: &str) -> bool {
    let plain = value
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'/'));
    let uuid = value.len() == 36 && value.matches('-').count() == 4;
    is_name_like(value) || (plain && !uuid && value.contains(['-', '/']))
}

/// Letters in both cases, or a digit.
fn has_digit_or_mixed_case(value: &str) -> bool {
    value.bytes().any(|byte| byte.is_ascii_digit())
        || (value.bytes().any(|byte| byte.is_ascii_uppercase())
            && value.bytes().skip(1).filter(u8::is_ascii_uppercase).count() > 0
            && value.bytes().any(|byte| byte.is_ascii_lowercase()))
}

fn case_changes(value: &str) -> usize {
    value
        .bytes()
        .zip(value.bytes().skip(1))
        .filter(|(a, b)| {
            a.is_ascii_alphabetic()
                && b.is_ascii_alphabetic()
                && a.is_ascii_uppercase() != b.is_ascii_uppercase()
        })
        .count()
}

/// `v1.2.3`, `10.0.0.1:8080`, `1.7.8-jre`.
fn is_version(value: &str) -> bool {
    let value = value.strip_prefix('v').unwrap_or(value);
    let head = value.split(['-', '+', ':', '/']).next().unwrap_or("");
    head.contains('.')
        && head
            .split('.')
            .all(|part| !part.is_empty() && part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `2024-05-07T11:59:28Z`, `2024-05-07`.
fn is_date(value: &str) -> bool {
    value.get(4..5) == Some("-") || value.get(2..3) == Some(":")
}

fn is_path(value: &str) -> bool {
    (value.starts_with('/') || value.starts_with("./") || value.starts_with("~/")) && !value.ends_with('=')
        || value.contains("://")
        || [
            ".pem", ".crt", ".cer", ".key", ".json", ".yaml", ".yml", ".txt", ".p12", ".jks", ".go", ".py",
            ".java", ".js", ".rs",
        ]
        .iter()
        .any(|ending| value.ends_with(ending))
}
