//! Lines of words: where the word for the severity stands, and what the message is.
//! Covers log4j, Spring, Python, hclog, nginx, postgres, mysql, redis, Apache, Rails, logcat, Serilog, spdlog and zap's console form.

use std::{borrow::Cow, collections::BTreeMap};

use kubemedic_model::log::Severity;

use super::{Entry, Fields, MAX_FIELDS, access, bounded, logfmt, severity, timestamp};

/// How many words after the time may stand before the severity (postgres has four, zookeeper two).
const LEVEL_WITHIN_WORDS: usize = 7;
/// How many words may stand before it on a line without time.
const LEVEL_WITHIN_WORDS_UNSTAMPED: usize = 3;
/// How far into the line the severity is searched, in bytes.
const LEVEL_WITHIN_BYTES: usize = 200;

/// What a name with its colon and a severity after it have at least, in bytes.
const SHORTEST_SPEAKER_BYTES: usize = 5;

/// A severity and the byte where the message after it starts.
struct Found {
    severity: Severity,
    message_at: usize,
}

/// Reads a line whose leading time, if any (`stamped`), has been taken off.
pub(super) fn parse(rest: &str, stamped: bool) -> Entry<'_> {
    if let Some(entry) = lettered(rest) {
        return entry;
    }
    if let Some(entry) = redis(rest, stamped) {
        return entry;
    }
    let trimmed = rest.trim_start();
    if let Some(entry) = clear_error(trimmed, stamped) {
        return entry;
    }
    let mut entry = Entry::default();
    match level(trimmed, stamped) {
        Some(found) => {
            entry.severity = found.severity;
            entry.headed = true;
            let message = message_after(trimmed, found.message_at);
            entry.message = Cow::Borrowed(message);
            entry.source.service = speaker(trimmed, found.message_at).map(Cow::Borrowed);
            entry.fields = Fields::Words {
                line: trimmed,
                pairs: message,
            };
        }
        None => entry.message = Cow::Borrowed(trimmed),
    }
    add_request(&mut entry, trimmed);
    entry
}

/// A line that is an error by its whole form (`panic: ...`, `a.b.SomeException: ...`) keeps all of its words.
fn clear_error(line: &str, stamped: bool) -> Option<Entry<'_>> {
    let severity = severity::implied(line);
    let clear = severity == Severity::Fatal || (!stamped && severity == Severity::Error);
    clear.then(|| Entry {
        severity,
        message: Cow::Borrowed(line),
        ..Entry::default()
    })
}

/// A request's status outranks a logger's `INFO`.
fn add_request<'a>(entry: &mut Entry<'a>, line: &'a str) {
    let Some(request) = access::find(line) else {
        return;
    };
    entry.headed = true;
    entry.severity = entry.severity.max(request.severity);
    entry.timestamp = access::time(line);
    if entry.fields == Fields::None {
        entry.fields = Fields::Words { line, pairs: line };
    }
}

/// The fields of a request, and the pairs inside the message.
pub(super) fn fields(line: &str, pairs: &str) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    if let Some(request) = access::find(line) {
        fields.insert("status".to_owned(), request.status.to_owned());
        fields.insert("request".to_owned(), bounded(request.head));
    }
    let found = logfmt::pairs(pairs).filter(|(key, _)| is_key(key));
    for (key, value) in found.take(MAX_FIELDS) {
        fields.entry(key.to_owned()).or_insert_with(|| bounded(&value));
    }
    fields
}

/// Whether a word can be the key of a pair.
fn is_key(word: &str) -> bool {
    !word.is_empty()
        && word.len() <= 40
        && word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

/// The message after a severity, without the marks between; the whole line if nothing follows.
fn message_after(line: &str, at: usize) -> &str {
    let after = line.get(at..).unwrap_or("");
    let marks = logfmt::position(after, |byte| {
        !matches!(
            byte,
            b' ' | b'\t' | b':' | b']' | b')' | b'>' | b'|' | b'-' | b',' | b'.'
        )
    });
    match after.get(marks..) {
        Some(after) if !after.is_empty() => after,
        _ => line,
    }
}

/// The single word before the severity that names who speaks: `nginx: [alert] ...`, `portal: ERROR ...`.
fn speaker(line: &str, message_at: usize) -> Option<&str> {
    let before = line.get(..message_at)?;
    if before.len() <= SHORTEST_SPEAKER_BYTES {
        return None;
    }
    let word = before.split_whitespace().next()?.strip_suffix(':')?;
    let named = is_key(word) && word != "log" && severity::of_word(word).is_none();
    named.then_some(word)
}

/// `I, [2024-06-26T17:00:04 #126554]  INFO -- : ...`, `E [08/Jun/2013:11:28:58 -0700] ...`.
fn lettered(line: &str) -> Option<Entry<'_>> {
    let letter = *line.as_bytes().first()?;
    let severity = severity::of_letter(letter)?;
    let rest = line.get(1..)?;
    let bracket = rest.strip_prefix(", ").or_else(|| rest.strip_prefix(' '))?;
    let stamped = bracket.starts_with('[').then(|| timestamp::leading(bracket))??;
    let message = stamped
        .rest
        .split_once(" : ")
        .map_or(stamped.rest, |(_, message)| message);
    Some(Entry {
        timestamp: stamped.time,
        severity,
        message: Cow::Borrowed(message.trim_start_matches([' ', ']'])),
        headed: true,
        ..Entry::default()
    })
}

/// `1:M 29 Aug 2023 13:47:38.984 * monotonic clock`, `[4018] 14 Nov 07:01:22.119 # ...`, `1:M * Ready`.
fn redis(line: &str, stamped: bool) -> Option<Entry<'_>> {
    if stamped || !line.starts_with(|c: char| c == '[' || c.is_ascii_digit()) {
        return None;
    }
    let (role, rest) = line.split_once(' ')?;
    let bracketed = role
        .strip_prefix('[')
        .and_then(|role| role.strip_suffix(']'))
        .is_some_and(|pid| pid.bytes().all(|b| b.is_ascii_digit()));
    let roled = role.split_once(':').is_some_and(|(pid, role)| {
        !pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit()) && matches!(role, "M" | "S" | "C" | "X")
    });
    if !bracketed && !roled {
        return None;
    }
    let stamp = timestamp::leading(rest);
    let after = stamp.map_or(rest, |stamp| stamp.rest).trim_start();
    let (mark, message) = after.split_once(' ')?;
    let severity = match mark {
        "." => Severity::Debug,
        "-" | "*" => Severity::Info,
        "#" => Severity::Warn,
        _ => return None,
    };
    Some(Entry {
        timestamp: stamp.and_then(|stamp| stamp.time),
        severity,
        message: Cow::Borrowed(message),
        headed: true,
        ..Entry::default()
    })
}

/// Searches the words at the start of a line for one that names the severity.
fn level(line: &str, stamped: bool) -> Option<Found> {
    let within = if stamped {
        LEVEL_WITHIN_WORDS
    } else {
        LEVEL_WITHIN_WORDS_UNSTAMPED
    };
    let mut numeric_before = false;
    let mut in_bracket = false;
    for (index, (start, word)) in words(line).take(within).enumerate() {
        if start > LEVEL_WITHIN_BYTES {
            return None;
        }
        let place = Place {
            first: index == 0,
            stamped,
            numeric_before,
            in_bracket,
        };
        if let Some((severity, length)) = of_token(word, place) {
            return Some(Found {
                severity,
                message_at: start + length,
            });
        }
        numeric_before = word.bytes().all(|b| b.is_ascii_digit());
        in_bracket = match (word.rfind('['), word.rfind(']')) {
            (Some(open), close) => close.is_none_or(|close| close < open),
            (None, Some(_)) => false,
            (None, None) => in_bracket,
        };
    }
    None
}

/// The words of a line with their offsets.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    line.split([' ', '\t']).filter_map(move |word| {
        let start = at;
        at += word.len() + 1;
        (!word.is_empty()).then_some((start, word))
    })
}

/// Where a word stands.
#[derive(Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent facts about one word"
)]
struct Place {
    first: bool,
    stamped: bool,
    numeric_before: bool,
    in_bracket: bool,
}

/// The severity that a word names at its place, and the length of what belongs to it.
fn of_token(word: &str, place: Place) -> Option<(Severity, usize)> {
    if word.len() > 60 {
        return None;
    }
    if let Some(severity) = plain_level(word) {
        return Some((severity, word.len()));
    }
    if !word.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    if let Some(found) = bracketed(word) {
        return Some(found);
    }
    if place.stamped && place.numeric_before && word.len() == 1 {
        return severity::of_letter(*word.as_bytes().first()?).map(|severity| (severity, 1));
    }
    if place.stamped && place.first && word.as_bytes().get(1) == Some(&b'/') {
        return severity::of_letter(*word.as_bytes().first()?).map(|severity| (severity, 2));
    }
    if place.stamped
        && place.first
        && let Some(severity) = two_lettered(word)
    {
        return Some((severity, word.len()));
    }
    let bare = word.trim_matches(['[', ']', '(', ')', '<', '>', ':', '|', ',', '-', '*']);
    if let Some(found) = bare_word(word, bare, place) {
        return Some(found);
    }
    let head = word.split([':', '|']).next()?;
    let upper = place.first && head.len() < word.len() && is_upper(head);
    if upper && let Some(severity) = severity::of_word(head) {
        return Some((severity, head.len()));
    }
    let tail = word.strip_suffix(':')?.rsplit('.').next()?;
    let channel = place.stamped && is_upper(tail) && tail.len() + 1 < word.len();
    channel.then(|| severity::of_word(tail).map(|severity| (severity, word.len())))?
}

/// The words that nearly every logger writes in capitals; they name a severity wherever a severity is searched.
fn plain_level(word: &str) -> Option<Severity> {
    match word {
        "INFO" => Some(Severity::Info),
        "DEBUG" => Some(Severity::Debug),
        "WARN" | "WARNING" => Some(Severity::Warn),
        "ERROR" => Some(Severity::Error),
        "TRACE" => Some(Severity::Trace),
        "FATAL" => Some(Severity::Fatal),
        _ => None,
    }
}

/// VMware's `Db(167)`: the first letters of the severity and syslog's priority.
fn two_lettered(word: &str) -> Option<Severity> {
    let (letters, priority) = word.strip_suffix(')')?.split_once('(')?;
    let number = priority.parse::<u64>().ok()?;
    matches!(letters, "Em" | "Al" | "Cr" | "Er" | "Wa" | "No" | "In" | "Db")
        .then(|| severity::of_syslog(number & 7))
}

/// A word without its marks: in capitals anywhere, in other cases only where a logger would put it.
fn bare_word(word: &str, bare: &str, place: Place) -> Option<(Severity, usize)> {
    let marked = word.ends_with([':', ']', '|', '>']) || word.starts_with(['[', '<']);
    let severity = if marked || place.stamped {
        severity::of_word(bare)
    } else {
        severity::of_bare_word(bare)
    }?;
    if bare.eq_ignore_ascii_case("log") && bare != "LOG" {
        return None;
    }
    let colon = word.ends_with(':') && word.len() == bare.len() + 1;
    let allowed = is_upper(bare)
        && (place.stamped || marked || place.first || !severity::is_common_word(bare))
        || place.in_bracket
        || (place.first && (place.stamped || colon))
        || (place.stamped && colon);
    ((colon || bare != "LOG") && allowed).then_some((severity, word.len()))
}

/// Whether a word is in capitals and digits.
fn is_upper(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) && !word.is_empty()
}

/// A severity in square or angle brackets within a word: `[error]`, `<Warning>`, `[8][info][config]`, `[core:error]`, `[info:2016-...]`.
fn bracketed(word: &str) -> Option<(Severity, usize)> {
    let mut from = 0;
    while let Some(open) = word.get(from..)?.find(['[', '<']) {
        let start = from + open + 1;
        let inner = word.get(start..)?;
        let length = inner.find([']', '>']).unwrap_or(inner.len());
        let closed = length < inner.len();
        let content = inner.get(..length)?;
        let (head, tail) = (content.split(':').next()?, content.rsplit(':').next()?);
        let named = severity::of_word(tail).filter(|_| closed).or_else(|| {
            let before_time = head.len() < content.len();
            severity::of_word(head).filter(|_| before_time)
        });
        if let Some(severity) = named {
            return Some((severity, (start + length + 1).min(word.len())));
        }
        from = start + length;
    }
    None
}
