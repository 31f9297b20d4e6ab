//! Rows that were pasted without their header: pods, and events in the forms of `describe`, `get events` and `events`.

use kubemedic_model::{evidence::Origin, naming, resource::ResourceRef, snapshot::event::ClusterEvent};

use super::{Row, TableContext, object};
use crate::intake::cells::{age_seconds, cells, repeated};

/// Reads `web-1   0/1   CrashLoopBackOff   4 (17s ago)   2m`, with or without a namespace before it.
pub(in crate::intake) fn pod_row(line: &str) -> Option<Row<'_>> {
    if !first_gap_is_wide(line) {
        return None;
    }
    let found = cells(line);
    let ready_at = found
        .iter()
        .position(|cell| is_ready(cell.text))
        .filter(|at| (1..=2).contains(at))?;
    let (names, rest) = found.split_at_checked(ready_at)?;
    let [ready, status, restarts, others @ ..] = rest else {
        return None;
    };
    let name = names.last()?.text;
    let bare = name.strip_prefix("pod/").unwrap_or(name);
    let is_status = status.text.starts_with(|c: char| c.is_ascii_uppercase()) && !status.text.contains(' ');
    let counted = restarts.text.starts_with(|c: char| c.is_ascii_digit());
    if !naming::is_object_name(bare) || !is_status || !counted {
        return None;
    }
    let mut row = vec![
        ("NAME", bare),
        ("READY", ready.text),
        ("STATUS", status.text),
        ("RESTARTS", restarts.text),
    ];
    if let [namespace, _] = names {
        row.push(("NAMESPACE", namespace.text));
    }
    if let Some(age) = others.first().filter(|cell| age_seconds(cell.text).is_some()) {
        row.push(("AGE", age.text));
    }
    Some(Row::of(row))
}

/// Whether the first word is followed by two spaces or a tab: a cheap look before a line is split into cells.
fn first_gap_is_wide(line: &str) -> bool {
    let line = line.trim_start();
    let gap = memchr::memchr2(b' ', b'\t', line.as_bytes()).and_then(|at| line.get(at..));
    gap.is_some_and(|gap| gap.starts_with("  ") || gap.starts_with('\t'))
}

/// Whether a text is `1/2`.
fn is_ready(text: &str) -> bool {
    text.split_once('/').is_some_and(|(ready, all)| {
        let number =
            |text: &str| !text.is_empty() && text.len() < 5 && text.bytes().all(|b| b.is_ascii_digit());
        number(ready) && number(all)
    })
}

/// Reads a single event line: `Warning  BackOff  4s (x4 over 33s)  kubelet  Back-off ...`,
/// `118s  Normal  Created  pod/web-1  Created container`.
pub(in crate::intake) fn loose_event(
    line: &str,
    context: &TableContext,
    origin: impl FnOnce() -> Origin,
) -> Option<ClusterEvent> {
    let mut words = Words { rest: line.trim() };
    let namespace_or_age = words.peek()?;
    let mut age = None;
    if age_seconds(namespace_or_age).is_some() || namespace_or_age == "<unknown>" {
        age = Some(words.age()?);
    }
    let kind = words.next()?;
    if kind != "Warning" && kind != "Normal" {
        return None;
    }
    let reason = words.next().filter(|word| is_reason(word))?;
    let mut event = ClusterEvent {
        warning: kind == "Warning",
        reason: reason.to_owned(),
        message: String::new(),
        object: context.object.clone(),
        component: None,
        count: 1,
        age_seconds: None,
        first_seen: None,
        last_seen: None,
        origin: origin(),
    };
    complete(&mut event, &mut words, age, context)?;
    Some(event)
}

/// Reads what follows the reason: age, object or component, message.
fn complete(
    event: &mut ClusterEvent,
    words: &mut Words<'_>,
    age: Option<&str>,
    context: &TableContext,
) -> Option<()> {
    let table_form = age.is_some();
    let age = age.or_else(|| words.is_age().then(|| words.age()).flatten());
    let told = repeated(age.unwrap_or(""));
    event.count = told.count;
    event.age_seconds = told.age_seconds;
    if let Some(found) = words.peek().and_then(|word| event_object(word, context)) {
        words.next();
        event.object = Some(found);
    } else if !table_form {
        event.component = words.component().map(str::to_owned);
    }
    words.rest.trim().clone_into(&mut event.message);
    let told_enough = age.is_some() || event.component.is_some() || event.object.is_some();
    (told_enough && !event.message.is_empty()).then_some(())
}

/// The object of an OBJECT column.
fn event_object(word: &str, context: &TableContext) -> Option<ResourceRef> {
    let starts_lower = word.starts_with(|c: char| c.is_ascii_alphabetic());
    let (kind, _) = word.split_once('/')?;
    let known = !matches!(
        kubemedic_model::resource::Kind::parse(kind),
        kubemedic_model::resource::Kind::Other(_)
    );
    (starts_lower && known)
        .then(|| object(word, context.namespace.as_deref()))
        .flatten()
}

/// Whether a word has the form of an event's reason.
fn is_reason(word: &str) -> bool {
    word.len() > 2
        && word.len() < 60
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.bytes().all(|b| b.is_ascii_alphanumeric())
        && word.bytes().any(|b| b.is_ascii_lowercase())
}

/// The words of a line, taken from its start.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.rest
            .split([' ', '\t'])
            .next()
            .filter(|word| !word.is_empty())
    }

    fn next(&mut self) -> Option<&'a str> {
        let word = self.peek()?;
        self.skip(word.len());
        Some(word)
    }

    fn skip(&mut self, length: usize) {
        self.rest = self
            .rest
            .get(length..)
            .unwrap_or("")
            .trim_start_matches([' ', '\t']);
    }

    fn is_age(&self) -> bool {
        self.peek()
            .is_some_and(|word| age_seconds(word).is_some() || word == "<unknown>" || word == "<invalid>")
    }

    /// An age with its repetitions.
    fn age(&mut self) -> Option<&'a str> {
        let text = self.rest;
        let word = self.next()?;
        if !self.rest.starts_with("(x") {
            return Some(word);
        }
        let close = text.find(')')?;
        let age = text.get(..=close)?;
        self.skip(self.rest.find(')')? + 1);
        Some(age)
    }

    /// The component: the cell before the message, or a word that looks like one.
    fn component(&mut self) -> Option<&'a str> {
        let word = self.peek()?;
        let named = word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'/' | b','));
        if !named || !word.starts_with(|c: char| c.is_ascii_lowercase()) {
            return None;
        }
        let cell = cells(self.rest).into_iter().next()?;
        let in_cell = cell.text.len() < self.rest.trim_end().len();
        let looks_like = word.contains(['-', '.']) || word == "kubelet" || word.ends_with(',');
        if !in_cell && !looks_like {
            return None;
        }
        let component = if in_cell && cell.text.len() < 100 {
            cell.text
        } else {
            word
        };
        self.skip(component.len());
        Some(component)
    }
}
