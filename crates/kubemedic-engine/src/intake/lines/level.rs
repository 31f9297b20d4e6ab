//! Where the word for the severity stands in a line of words. It looks at the first words only, and never inside a sentence:
//! a word counts by its capitals, its marks and its place.

use kubemedic_model::log::Severity;

use super::severity;

/// How many words after the time may stand before the severity (postgres has four, zookeeper two).
const LEVEL_WITHIN_WORDS: usize = 7;
/// How many words may stand before it on a line without time.
const LEVEL_WITHIN_WORDS_UNSTAMPED: usize = 3;
/// How far into the line the severity is searched, in bytes.
const LEVEL_WITHIN_BYTES: usize = 200;

/// A severity, where its word starts, and where the message after it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    /// How grave.
    pub(super) severity: Severity,
    /// The byte where its word starts.
    pub(super) at: usize,
    /// The byte after what belongs to it.
    pub(super) message_at: usize,
}

/// The words that nearly every logger writes in capitals; after a time they name the severity wherever it is searched.
/// `FATAL` is none of them, because V8 begins a crash with it.
pub(super) fn plain(word: &str) -> Option<Severity> {
    match word {
        "INFO" => Some(Severity::Info),
        "DEBUG" => Some(Severity::Debug),
        "WARN" | "WARNING" => Some(Severity::Warn),
        "ERROR" => Some(Severity::Error),
        "TRACE" => Some(Severity::Trace),
        _ => None,
    }
}

/// Searches the words at the start of a line for one that names the severity.
pub(super) fn find(line: &str, stamped: bool) -> Option<Found> {
    let within = if stamped {
        LEVEL_WITHIN_WORDS
    } else {
        LEVEL_WITHIN_WORDS_UNSTAMPED
    };
    if stamped && let Some(found) = opening_letter(line) {
        return Some(found);
    }
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
                at: start,
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

/// A letter right after the time, as old MongoDB and others write it: `W CONTROL  [main] ...`. A pronoun is none.
fn opening_letter(line: &str) -> Option<Found> {
    let [letter, b' ', ..] = line.as_bytes() else {
        return None;
    };
    let severity = severity::of_letter(*letter)?;
    let next = line.get(2..)?.trim_start();
    let word = next.split(' ').next()?;
    let is_column = next.starts_with(['[', '<'])
        || (word.len() > 1 && is_upper(word))
        || word.contains(['.', '/', ':', '_'])
        || word.bytes().any(|b| b.is_ascii_digit());
    is_column.then_some(Found {
        severity,
        at: 0,
        message_at: 1,
    })
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
    let unnumbered = word.split_once(']').filter(|(number, _)| {
        number.len() > 1
            && number
                .strip_prefix('[')
                .is_some_and(|pid| pid.bytes().all(|b| b.is_ascii_digit()))
    });
    if let Some((number, rest)) = unnumbered {
        let level = rest.split(':').next().filter(|level| is_upper(level))?;
        let length = number.len() + 1 + level.len();
        return severity::of_word(level).map(|severity| (severity, length));
    }
    let head = word.split([':', '|']).next()?;
    let upper = place.first && head.len() < word.len() && is_upper(head);
    if upper && let Some(severity) = severity::of_word(head) {
        return Some((severity, head.len()));
    }
    if place.first
        && place.stamped
        && let Some((level, _)) = word.strip_suffix(']').and_then(|word| word.split_once('/'))
        && is_upper(level)
        && let Some(severity) = severity::of_word(level)
    {
        return Some((severity, word.len()));
    }
    let tail = word.strip_suffix(':')?.rsplit(['.', ':', ')']).next()?;
    let tail = tail.trim_start_matches(|c: char| c.is_ascii_digit());
    let channel = place.stamped && is_upper(tail) && tail.len() + 1 < word.len();
    channel.then(|| severity::of_word(tail).map(|severity| (severity, word.len())))?
}

/// VMware's `Db(167)` and `In(14)[+]`: the first letters of the severity and syslog's priority.
fn two_lettered(word: &str) -> Option<Severity> {
    let (letters, rest) = word.split_once('(')?;
    let (priority, rest) = rest.split_once(')')?;
    let numbered = !priority.is_empty() && priority.bytes().all(|b| b.is_ascii_digit());
    if !numbered || !(rest.is_empty() || rest == "[+]") {
        return None;
    }
    Some(match letters {
        "Em" | "Al" | "Cr" => Severity::Fatal,
        "Er" => Severity::Error,
        "Wa" => Severity::Warn,
        "No" | "In" => Severity::Info,
        "Db" => Severity::Debug,
        _ => return None,
    })
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
pub(super) fn is_upper(word: &str) -> bool {
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
