//! Lines of words: what stands before the severity, after it, and what the message is. The severity's own place is
//! `level`'s; programs with marks of their own are `marks`'.

use std::{borrow::Cow, collections::BTreeMap};

use super::{
    Entry, Fields, MAX_FIELDS,
    access::{self, Request},
    bounded,
    late::Late,
    lead::{self, Lead},
    level, logfmt, marks, severity,
    timestamp::Stamped,
};
use kubemedic_model::log::Severity;

/// Marks that loggers put between the columns of a line.
const MARKS: &[u8; 10] = b" \t:])>|-,.";
/// How many words may stand before the word that marks a further line of a report of PostgreSQL.
const DETAIL_WITHIN_WORDS: usize = 7;

/// Reads a line whose leading time, if any (`stamped`), has been taken off.
pub(super) fn parse(rest: &str, stamped: bool) -> Entry<'_> {
    let trimmed = if stamped {
        rest.trim_start_matches([' ', '\t', '|', ','])
    } else {
        rest.trim_start()
    };
    if let Some(entry) = marks::parse(trimmed, stamped) {
        return entry;
    }
    if let Some(entry) = clear_error(trimmed, stamped) {
        return entry;
    }
    let mut entry = match level::find(trimmed, stamped) {
        Some(found) => after_level(trimmed, found),
        None => without_level(trimmed, stamped),
    };
    add_request(&mut entry, trimmed, stamped);
    entry
}

/// Reads a line in which the severity was found.
pub(super) fn after_level(line: &str, found: level::Found) -> Entry<'_> {
    let mut entry = Entry {
        severity: found.severity,
        headed: true,
        ..Entry::default()
    };
    set_message(&mut entry, lead::strip(message_after(line, found.message_at)));
    entry.source.service = speaker(line, found.at).map(Cow::Borrowed);
    entry
}

/// Reads a line in which no severity was found.
fn without_level(line: &str, stamped: bool) -> Entry<'_> {
    let (timestamp, message) = if stamped {
        let message = database_detail(line).unwrap_or(line);
        (None, message.strip_prefix("- ").unwrap_or(message))
    } else {
        (access::time(line), line)
    };
    Entry {
        timestamp,
        message: Cow::Borrowed(message),
        ..Entry::default()
    }
}

/// Reads what follows a time.
pub(super) fn after_time<'a>(stamped: &Stamped<'a>) -> Entry<'a> {
    let mut entry = parse(stamped.rest, true);
    if stamped.bracketed
        && entry.severity != Severity::Unknown
        && let Cow::Borrowed(message) = entry.message
    {
        set_message(&mut entry, lead::close(message));
    }
    entry
}

/// Reads what follows columns and a time, where the columns named the severity or will not tell more.
pub(super) fn after_columns<'a>(late: &Late<'a>) -> Entry<'a> {
    if late.severity == Severity::Unknown {
        return parse(late.stamped.rest, true);
    }
    let mut entry = Entry {
        severity: late.severity,
        headed: true,
        ..Entry::default()
    };
    let lead = if late.bracketed {
        lead::close(late.stamped.rest)
    } else {
        lead::strip(late.stamped.rest)
    };
    set_message(&mut entry, lead);
    entry
}

/// Message and columns of what follows a severity.
fn set_message<'a>(entry: &mut Entry<'a>, lead: Lead<'a>) {
    entry.message = Cow::Borrowed(lead.message);
    entry.fields = Fields::Words {
        request: None,
        lead: Some(lead),
        pairs: lead.message,
    };
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
pub(super) fn add_request<'a>(entry: &mut Entry<'a>, line: &'a str, stamped: bool) {
    let found = access::find(line).or_else(|| {
        let unknown = entry.severity == Severity::Unknown;
        unknown.then(|| access::find_unquoted(line, stamped))?
    });
    let Some(request) = found else {
        return;
    };
    entry.headed = true;
    entry.severity = entry.severity.max(request.severity);
    entry.timestamp = entry.timestamp.or_else(|| access::time(line));
    let (lead, pairs) = match entry.fields {
        Fields::Words { lead, pairs, .. } => (lead, pairs),
        _ => (None, line),
    };
    entry.fields = Fields::Words {
        request: Some(request),
        lead,
        pairs,
    };
}

/// The fields of a request, the columns before the message, and the pairs inside it.
pub(super) fn fields(
    request: Option<Request<'_>>,
    lead: Option<Lead<'_>>,
    pairs: &str,
) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    if let Some(request) = request {
        fields.insert("status".to_owned(), request.status.to_owned());
        fields.insert("request".to_owned(), bounded(request.head));
    }
    let found = logfmt::pairs(pairs).filter(|(key, _)| is_key(key));
    for (key, value) in found.take(MAX_FIELDS) {
        fields.entry(key.to_owned()).or_insert_with(|| bounded(&value));
    }
    let (thread, logger) = lead.map_or((None, None), |lead| (lead.thread, lead.logger));
    for (key, value) in [("thread", thread), ("logger", logger)] {
        if let Some(value) = value {
            fields.entry(key.to_owned()).or_insert_with(|| bounded(value));
        }
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
    let marks = logfmt::position(after, |byte| !MARKS.contains(&byte));
    match after.get(marks..) {
        Some(after) if !after.is_empty() => after,
        _ => line,
    }
}

/// The single word before the severity that names who speaks: `nginx: [alert] ...`, `portal: ERROR ...`.
fn speaker(line: &str, level_at: usize) -> Option<&str> {
    let before = line.get(..level_at).filter(|before| !before.is_empty())?;
    let word = before.split_whitespace().next()?.strip_suffix(':')?;
    let named = is_key(word) && word != "log" && severity::of_word(word).is_none();
    named.then_some(word)
}

/// A further line of a report of PostgreSQL, which repeats the prefix of the first: `[77] DETAIL:  Key (id)=(7) ...`.
fn database_detail(line: &str) -> Option<&str> {
    const DETAILS: [&str; 7] = [
        "DETAIL",
        "HINT",
        "STATEMENT",
        "CONTEXT",
        "QUERY",
        "LOCATION",
        "BACKTRACE",
    ];
    let at = memchr::memmem::find(line.as_bytes().get(..200).unwrap_or(line.as_bytes()), b":  ")?;
    let head = line.get(..at)?;
    let start = head.rfind([' ', ':']).map_or(0, |space| space + 1);
    let known = DETAILS.contains(&head.get(start..)?);
    let near = head.split(' ').count() <= DETAIL_WITHIN_WORDS;
    (known && near).then(|| line.get(start..))?
}
