//! The template of one message alone, by lexical rules: numbers, times, addresses and random names are masked, codes,
//! quoted names and paths stay. Learning templates from many messages is not done here.

use kubemedic_model::naming::{is_pod_suffix, is_template_hash};

/// What stands for a variable part.
pub(in crate::monitoring) const MASK: &str = "<*>";

/// The longest stretch of a message that makes its template, in bytes.
const MAX_TEMPLATE_BYTES: usize = 1_000;

/// The first line of a message with its variable parts masked: numbers, durations, times, addresses, hexadecimal ids, UUIDs and
/// generated suffixes of names become `<*>`; words, quoted names and paths stay, and so do numbers that name a code.
pub fn template_of(message: &str) -> String {
    let line = message.lines().next().unwrap_or("").trim();
    let line = line
        .get(..line.floor_char_boundary(MAX_TEMPLATE_BYTES))
        .unwrap_or(line);
    let mut template = String::with_capacity(line.len());
    let mut piece = Piece::default();
    for char in line.chars() {
        if is_delimiter(char) {
            piece.flush(&mut template);
            if matches!(char, '"' | '\'' | '`') {
                piece.quoted = !piece.quoted;
            }
            template.push(char);
        } else {
            piece.text.push(char);
        }
    }
    piece.flush(&mut template);
    template
}

fn is_delimiter(char: char) -> bool {
    char.is_whitespace()
        || matches!(
            char,
            '"' | '\'' | '`' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | ',' | ';' | '=' | '|'
        )
}

/// A stretch between delimiters.
#[derive(Debug, Default)]
struct Piece {
    text: String,
    /// The piece before, in lower case.
    previous: String,
    quoted: bool,
}

impl Piece {
    fn flush(&mut self, template: &mut String) {
        if self.text.is_empty() {
            return;
        }
        let core = self.text.trim_end_matches([':', '.', '!', '?']);
        let tail = self.text.get(core.len()..).unwrap_or("");
        if names_code(&self.previous) && is_code(core) {
            template.push_str(core);
        } else {
            mask(core, self.quoted, template);
        }
        template.push_str(tail);
        self.previous = core.to_ascii_lowercase();
        self.text.clear();
    }
}

/// Words after which a number tells what went wrong.
fn names_code(word: &str) -> bool {
    [
        "code",
        "status",
        "exit",
        "errno",
        "sqlstate",
        "http",
        "exitcode",
        "statuscode",
        "http/1.1",
        "http/2.0",
        "http/1.0",
    ]
    .iter()
    .any(|name| {
        word == *name
            || word
                .strip_suffix(name)
                .is_some_and(|rest| rest.ends_with(['_', '.', '-']))
    })
}

fn is_code(word: &str) -> bool {
    word.len() <= 5
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn mask(word: &str, quoted: bool, template: &mut String) {
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    if !has_digit && !word.contains('-') {
        template.push_str(word);
    } else if is_uuid(word) || (!quoted && has_digit && is_number(word)) || is_address(word) {
        template.push_str(MASK);
    } else {
        mask_segments(word, quoted, template);
    }
}

/// Masks the variable segments of a path or a name and keeps the others.
fn mask_segments(word: &str, quoted: bool, template: &mut String) {
    for part in word.split_inclusive(['/', ':', '@', '_', '#', '?', '&']) {
        let core = part.trim_end_matches(['/', ':', '@', '_', '#', '?', '&']);
        if is_uuid(core)
            || (!core.is_empty()
                && core.bytes().all(|byte| byte.is_ascii_digit())
                && (!quoted || core.len() >= 6))
        {
            template.push_str(MASK);
        } else {
            mask_name(core, template);
        }
        template.push_str(part.get(core.len()..).unwrap_or(""));
    }
}

/// Masks generated suffixes: `web-7d9c6b5f4-x2x9z` is `web-<*>`.
fn mask_name(name: &str, template: &mut String) {
    let segments: Vec<&str> = name.split('-').collect();
    let mut masked = false;
    for (place, segment) in segments.iter().enumerate() {
        let last = place + 1 == segments.len() && place > 0;
        let generated = is_random(segment)
            || (place > 0 && is_hash(segment, last))
            || (last && masked && segment.len() == 5);
        if generated && masked {
            continue;
        }
        if place > 0 {
            template.push('-');
        }
        template.push_str(if generated { MASK } else { segment });
        masked = generated;
    }
}

/// A template hash or a pod suffix with a digit; without one it may be a word.
fn is_hash(segment: &str, last: bool) -> bool {
    let digit = segment.bytes().any(|byte| byte.is_ascii_digit());
    (segment.len() >= 8 && is_template_hash(segment)) || (last && digit && is_pod_suffix(segment))
}

/// A long run of letters and digits that no one chose: a hexadecimal id, a request id.
fn is_random(segment: &str) -> bool {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    let plain = segment.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let hexadecimal = segment.bytes().all(|byte| byte.is_ascii_hexdigit())
        || segment
            .strip_prefix("0x")
            .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    plain
        && ((hexadecimal && digits > 0 && segment.len() >= 8)
            || (segment.starts_with("0x") && hexadecimal)
            || (segment.len() >= 12 && digits >= 3))
}

/// `42`, `-1.5`, `12ms`, `64Mi`, `1h30m`, `10.0.0.1:8080`, `2024-05-07T11:59:28.664Z`, `x3`.
fn is_number(word: &str) -> bool {
    let bare = word.trim_start_matches(['-', '+', '~', '#', '$', 'x', 'v', '@']);
    let letters = bare.bytes().filter(u8::is_ascii_alphabetic).count();
    bare.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
        && letters <= 3
        && bare.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'-' | b'+' | b'/' | b'%' | b',')
        })
}

fn is_uuid(word: &str) -> bool {
    word.len() == 36
        && word.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// An IP address with or without a port.
fn is_address(word: &str) -> bool {
    let host = word.split_once(':').map_or(word, |(host, _)| host);
    host.split('.').count() == 4 && host.split('.').all(|part| part.parse::<u8>().is_ok())
}
