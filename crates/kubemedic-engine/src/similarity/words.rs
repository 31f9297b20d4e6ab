//! The words of a line of a log: identifiers split, numbers and ids left out, endings cut, phrases that mean the same made one.

use super::concepts;

/// The most bytes of a text that are read: what a line says, it says at its begin.
const MAX_TEXT_BYTES: usize = 4096;
/// The most words that a text has.
const MAX_WORDS: usize = 256;
/// The longest run of letters that is a word and not a token or an encoding, in characters.
const MAX_WORD_CHARS: usize = 40;

/// Words without a meaning of their own in a log.
const STOP: &[&str] = &[
    "a", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "for", "from", "had", "has",
    "have", "in", "into", "is", "it", "its", "of", "on", "or", "so", "that", "the", "then", "there", "this",
    "to", "too", "was", "we", "were", "while", "with", "i", "level", "msg", "message", "info", "error",
    "err", "warn", "warning", "fatal", "severe", "ts", "com", "org", "io", "java", "lang", "during", "still",
    "because", "s", "t", "d", "ms", "after",
];

/// Words with digits that are names of things and not ids.
const WITH_DIGITS: &[&str] = &[
    "k8s", "s3", "ec2", "http2", "h2", "ipv4", "ipv6", "x509", "utf8", "sha1", "sha256", "md5", "oauth2",
    "base64", "log4j", "i18n", "p99", "p95", "tls1", "ext4", "neo4j", "b64",
];

/// Words without vowels that are no ids.
const WITHOUT_VOWELS: &[&str] = &[
    "https", "xfs", "dns", "tls", "ssl", "http", "grpc", "mtls", "ldaps",
];

/// Status and exit codes that say in a number what others say in words.
const CODES: &[(&str, &str)] = &[
    ("400", "bad request"),
    ("401", "unauthorized"),
    ("403", "forbidden"),
    ("404", "not found"),
    ("408", "timeout"),
    ("409", "conflict"),
    ("413", "too large"),
    ("429", "too many requests"),
    ("500", "internal server error"),
    ("502", "bad gateway"),
    ("503", "service unavailable"),
    ("504", "gateway timeout"),
    ("137", "killed"),
    ("143", "terminated"),
];

/// The words of a text, in order: stems and concepts. Deterministic, linear in the text, at most 256.
pub fn words(text: &str) -> Vec<String> {
    concepts::merged(&stems(text))
}

/// The stems of a text, stop words left out.
pub(super) fn stems(text: &str) -> Vec<String> {
    let mut stems = Vec::new();
    for raw in pieces(cut(text)) {
        if stems.len() >= MAX_WORDS {
            break;
        }
        push(&raw, &mut stems);
    }
    stems
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(MAX_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

fn push(raw: &str, stems: &mut Vec<String>) {
    if raw.bytes().all(|byte| byte.is_ascii_digit()) {
        let code = CODES.iter().find(|(code, _)| *code == raw);
        let said = code.map_or("", |(_, words)| words);
        stems.extend(said.split_whitespace().map(stem));
        return;
    }
    if !raw.is_ascii() {
        return push_foreign(raw, stems);
    }
    if raw.bytes().any(|byte| byte.is_ascii_digit()) {
        if WITH_DIGITS.contains(&raw) {
            stems.push(raw.to_owned());
        }
        return;
    }
    if is_word(raw) && !STOP.contains(&raw) {
        stems.push(stem(raw));
    }
}

/// A run of letters beyond ASCII: a word where its script parts words, else its pairs of neighbours.
fn push_foreign(raw: &str, stems: &mut Vec<String>) {
    let unparted =
        |c: char| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{0e00}'..='\u{0eff}');
    if !raw.chars().any(unparted) {
        if raw.chars().count() <= MAX_WORD_CHARS {
            stems.push(raw.to_owned());
        }
        return;
    }
    let room = MAX_WORDS.saturating_sub(stems.len());
    let pairs = raw.chars().zip(raw.chars().skip(1));
    stems.extend(pairs.take(room).map(|(a, b)| format!("{a}{b}")));
}

/// Whether a run of letters is a word: neither a hash nor a random suffix nor an encoding.
fn is_word(raw: &str) -> bool {
    let hex = raw.len() >= 8 && raw.bytes().all(|byte| byte.is_ascii_hexdigit());
    let random = raw.len() >= 5 && !raw.bytes().any(|byte| b"aeiouy".contains(&byte));
    raw.len() >= 2 && raw.len() <= MAX_WORD_CHARS && !hex && (!random || WITHOUT_VOWELS.contains(&raw))
}

/// The runs of letters and digits, in small letters, parted where the case changes as in `camelCase` and `HTTPServer`.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    for run in text.split(|c: char| !c.is_alphanumeric() && c != '\'') {
        let run: String = run.chars().filter(|c| *c != '\'').collect();
        if pieces.len() >= 2 * MAX_WORDS {
            break;
        }
        part(&run, &mut pieces);
    }
    pieces
}

fn part(run: &str, pieces: &mut Vec<String>) {
    let mixed = run.bytes().any(|byte| byte.is_ascii_digit());
    if run.is_empty() {
        return;
    }
    if mixed {
        pieces.push(run.to_lowercase());
        return;
    }
    let characters: Vec<char> = run.chars().collect();
    let mut piece = String::new();
    for (at, c) in characters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|it| characters.get(it));
        let after = characters.get(at + 1);
        let rises = c.is_uppercase() && before.is_some_and(|it| it.is_lowercase());
        let begins = c.is_uppercase()
            && before.is_some_and(|it| it.is_uppercase())
            && after.is_some_and(|it| it.is_lowercase());
        if (rises || begins) && !piece.is_empty() {
            pieces.push(std::mem::take(&mut piece));
        }
        piece.extend(c.to_lowercase());
    }
    pieces.push(piece);
}

/// A word without its endings: a small part of Porter's rules, enough that `failing`, `failed` and `fails` are one.
pub(super) fn stem(word: &str) -> String {
    let word = singular(word);
    let word = match word.strip_suffix("ing") {
        Some(rest) if rest.len() >= 4 || ["miss", "fail", "kill"].contains(&rest) => undoubled(rest),
        _ => match word.strip_suffix("ed") {
            Some(rest) if rest.len() >= 3 && !rest.ends_with('e') => undoubled(rest),
            _ => word,
        },
    };
    let word = match word.strip_suffix("ion") {
        Some(rest) if rest.len() >= 4 && (rest.ends_with('t') || rest.ends_with('s')) => rest.to_owned(),
        _ => word,
    };
    match word.strip_suffix('e') {
        Some(rest) if rest.len() >= 3 => rest.to_owned(),
        _ => word,
    }
}

fn singular(word: &str) -> String {
    if let Some(rest) = word.strip_suffix("ies")
        && rest.len() >= 2
    {
        return format!("{rest}y");
    }
    if let Some(rest) = word.strip_suffix("sses") {
        return format!("{rest}ss");
    }
    match word.strip_suffix('s') {
        Some(rest) if rest.len() >= 3 && !rest.ends_with(['s', 'u', 'i']) => rest.to_owned(),
        _ => word.to_owned(),
    }
}

/// `dropp` to `drop`; doubled l, s and z belong to the word.
fn undoubled(word: &str) -> String {
    let mut last = word.chars().rev();
    match (last.next(), last.next()) {
        (Some(a), Some(b)) if a == b && !"lsz".contains(a) => word
            .get(..word.len() - a.len_utf8())
            .unwrap_or_default()
            .to_owned(),
        _ => word.to_owned(),
    }
}
