//! Whether a value looks like a secret under a name that announces one. Entropy alone never decides.

use super::{
    cursor::is_quote,
    name::Class,
    provider::{self, distinct},
    sample,
};

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
    announced(class, value, shape) && !is_placeholder(value)
}

/// Whether the value looks like what its name announces.
fn announced(class: Class, value: &str, shape: Shape) -> bool {
    match class {
        Class::Password => is_password(value, shape),
        Class::Token | Class::Secret => is_random(value, shape) && !is_known_to_be_none(value),
        Class::Key => value.len() >= KEY_BYTES && is_random(value, shape) && !is_known_to_be_none(value),
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

/// No issuer gives keys shorter than this.
const KEY_BYTES: usize = 10;

/// Values that look made up at random but are a published sample, a misshapen token of a known issuer, or the name of a type.
fn is_known_to_be_none(value: &str) -> bool {
    sample::is_published(value)
        || provider::body_of(value).is_some_and(sample::is_made_up)
        || is_misshapen_bot_token(value)
        || is_qualified_name(value)
}

/// `123456:Axxx`, the form of Telegram's bot tokens, but not of their size (5 to 16 digits, 35 characters).
fn is_misshapen_bot_token(value: &str) -> bool {
    value.split_once(':').is_some_and(|(digits, rest)| {
        let formed = !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && rest.starts_with('A')
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        formed && (rest.len() != 35 || !(5..=16).contains(&digits.len()))
    })
}

/// `clm5639:CodeContentType`, `xsd:dateTime`: a short prefix, and words behind the colon.
fn is_qualified_name(value: &str) -> bool {
    value.split_once(':').is_some_and(|(prefix, name)| {
        prefix.len() <= 16
            && prefix.starts_with(|char: char| char.is_ascii_lowercase())
            && prefix
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            && name.len() >= 4
            && name.bytes().all(|byte| byte.is_ascii_alphabetic())
            && case_changes(name) * 3 <= name.len()
    })
}

/// How much of a value tells that it stands for nothing.
const PLACEHOLDER_BYTES: usize = 128;

/// Values that stand for nothing or for another place: `<nil>`, `${DB_PASSWORD}`, `****`, `<redacted:...>`.
pub(super) fn is_placeholder(value: &str) -> bool {
    let bare = value.trim_matches(|char: char| char.is_ascii() && is_quote(char as u8) || char == '\\');
    let first = bare.bytes().next().unwrap_or(0);
    if matches!(first, 0 | b'<' | b'{' | b'[' | b'(') {
        return true;
    }
    let end = (0..=PLACEHOLDER_BYTES.min(bare.len()))
        .rev()
        .find(|end| bare.is_char_boundary(*end));
    let head = bare.get(..end.unwrap_or(0)).unwrap_or(bare);
    is_reference(head) || is_filler(head, bare) || is_word_for_nothing(head)
}

/// `$VAR`, `${VAR}`, `$(VAR)`, `{{ .Values.x }}`, `%s`, `file.path()`.
fn is_reference(value: &str) -> bool {
    let has = |byte: u8| value.as_bytes().contains(&byte);
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
        || (has(b'$') && (value.contains("${") || value.contains("$(")))
        || (has(b'{') && value.contains("{{"))
        || matches!(value, "%s" | "%v" | "%q" | "%d" | "%r" | "%w" | "?")
        || value.starts_with("%(")
        || value.starts_with("//")
        || value.starts_with("sha256:")
        || (has(b'(') && has(b')') && !value.contains(|char: char| char.is_ascii_digit()))
}

/// One or two characters repeated, or a mask.
fn is_filler(head: &str, value: &str) -> bool {
    let masked = head
        .bytes()
        .all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.' | b'#' | b'-' | b'_' | b'?'));
    let repeat = longest_repeat(head);
    masked
        || (repeat >= 3
            && ["***", "####", "xxxx", "XXXX"]
                .iter()
                .any(|mask| head.contains(mask)))
        || (head.as_bytes().contains(&b'<') && head.contains(super::token::OPENING))
        || value.ends_with("...")
        || value.ends_with("EXAMPLE")
        || value.ends_with("EXAMPLEKEY")
        || repeat * 2 > head.len().max(8)
        || (head.len() >= 8 && distinct(head.as_bytes()) <= 2)
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

/// The longest of the words that stand for nothing.
const LONGEST_WORD: usize = 14;

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
    let bare = value.trim_end_matches(['.', '!', ',']);
    let is = |word: &&str| word.eq_ignore_ascii_case(bare);
    if bare.len() <= LONGEST_WORD && WORDS.iter().any(is) {
        return true;
    }
    let parted = bare.bytes().any(|byte| byte == b'_' || byte == b'-');
    starts_with(bare.as_bytes(), b"your")
        || (parted
            && [&b"your_"[..], b"your-", b"_here"]
                .iter()
                .any(|word| holds(bare, word)))
        || holds(bare, b"redacted")
}

fn starts_with(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(word))
}

/// Whether a word stands in a text, in any case.
fn holds(text: &str, word: &[u8]) -> bool {
    let first = word.first().map_or(0, u8::to_ascii_lowercase);
    let bytes = text.as_bytes();
    bytes.iter().enumerate().any(|(at, byte)| {
        byte.to_ascii_lowercase() == first && starts_with(bytes.get(at..).unwrap_or(&[]), word)
    })
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
    let (mut digits, mut letters, mut broken) = (0, 0, size < 8);
    for byte in value.bytes() {
        digits += usize::from(byte.is_ascii_digit());
        letters += usize::from(byte.is_ascii_alphabetic());
        broken |= byte <= b' ' || byte == b'(' || byte == b')';
    }
    if broken {
        return false;
    }
    let random = if letters == 0 {
        digits >= 12 && size - digits <= 2 && !is_date(value)
    } else if digits > 0 {
        distinct(value.as_bytes()) >= 5 && (shape.quoted || !is_name_like(value))
    } else {
        size >= 12 && case_changes(value) * 4 >= size
    };
    random && !is_version(value) && !is_path(value)
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
