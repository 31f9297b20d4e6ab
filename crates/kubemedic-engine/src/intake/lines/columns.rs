//! Formats whose columns stand at fixed places and vary from line to line: supercomputers' event logs, logcat's short
//! forms, a phone's health log, a proxy's client. The columns become fields; the message is what the statement wrote.

use std::borrow::Cow;

use kubemedic_model::log::Severity;

use super::{Entry, Fields, Source, prefix::Prefix, severity, timestamp};

/// The longest label before the time of a supercomputer's event, in bytes.
const MAX_LABEL_BYTES: usize = 24;

/// Reads a line of one of the formats.
pub(super) fn parse(line: &str) -> Option<Entry<'_>> {
    match line.as_bytes().first()? {
        b'-' | b'K' | b'R' | b'M' | b'L' => logcat(line).or_else(|| ras(line)),
        b'0'..=b'9' if line.as_bytes().get(4) != Some(&b'-') => {
            health(line).or_else(|| component_state(line))
        }
        b'A'..=b'Z' => logcat(line).or_else(|| ras(line)),
        b'[' => proxy_client(line),
        _ => None,
    }
}

/// `- 1131566461 2005.11.09 dn228 Nov 9 12:01:01 dn228/dn228 crond[2915]: ...`: syslog after the columns.
pub(super) fn supercomputer_syslog(line: &str) -> Option<Prefix<'_>> {
    let (_, epoch, rest) = supercomputer(line)?;
    rest.starts_with(|c: char| c.is_ascii_uppercase())
        .then(|| Prefix {
            rest,
            time: timestamp::from_digits(epoch),
            headed: true,
            ..Prefix::default()
        })
}

/// Node, seconds since 1970, and what follows, of `LABEL EPOCH YYYY.MM.DD NODE rest`.
fn supercomputer(line: &str) -> Option<(&str, &str, &str)> {
    let (label, rest) = line
        .split_once(' ')
        .filter(|(label, _)| label.len() <= MAX_LABEL_BYTES)?;
    let epoch = rest
        .get(..10)
        .filter(|epoch| epoch.bytes().all(|b| b.is_ascii_digit()))?;
    let date = rest.get(10..)?.strip_prefix(' ')?;
    let dotted = date.as_bytes().get(4) == Some(&b'.') && date.as_bytes().get(7) == Some(&b'.');
    if !dotted
        || !(label == "-"
            || label
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_'))
    {
        return None;
    }
    let (_, rest) = date.split_once(' ')?;
    let (node, rest) = rest.split_once(' ')?;
    Some((node, epoch, rest))
}

/// `- 1117838570 2005.06.03 NODE 2005-06-03-15.42.50.363779 NODE RAS KERNEL INFO message`.
fn ras(line: &str) -> Option<Entry<'_>> {
    let (node, epoch, rest) = supercomputer(line)?;
    let stamped = timestamp::leading(rest)?;
    let (_, rest) = stamped.rest.trim_start().split_once(' ')?;
    let mut words = rest.splitn(4, ' ');
    let (kind, component, level) = (words.next()?, words.next()?, words.next()?);
    let severity = severity::of_word(level).or_else(|| (level == "FAILURE").then_some(Severity::Fatal));
    Some(Entry {
        timestamp: stamped.time.or_else(|| timestamp::from_digits(epoch)),
        severity: severity.unwrap_or_default(),
        source: Source::service(node),
        message: Cow::Borrowed(words.next()?.trim_start()),
        fields: Fields::Named([("component", component), ("kind", kind), ("node", node)]),
        headed: true,
        ..Entry::default()
    })
}

/// `134681 node-246 unix.hw state_change.unavailable 1077804742 1 message`.
fn component_state(line: &str) -> Option<Entry<'_>> {
    let mut words = line.splitn(7, ' ');
    let (number, node) = (words.next()?, words.next()?);
    let (component, state) = (words.next()?, words.next()?);
    let (epoch, flag) = (words.next()?, words.next()?);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(number) || epoch.len() > 10 || epoch.len() < 9 || !digits(epoch) || !digits(flag) {
        return None;
    }
    Some(Entry {
        timestamp: timestamp::from_digits(epoch),
        source: Source::service(node),
        message: Cow::Borrowed(words.next()?.trim_start()),
        fields: Fields::Named([("component", component), ("state", state), ("flag", flag)]),
        headed: true,
        ..Entry::default()
    })
}

/// `20171223-22:15:29:606|Step_LSC|30002312|onStandStepChanged 3579`.
fn health(line: &str) -> Option<Entry<'_>> {
    let stamped = timestamp::leading(line)?;
    let mut columns = stamped.rest.strip_prefix('|')?.splitn(3, '|');
    let (component, process, message) = (columns.next()?, columns.next()?, columns.next()?);
    let message = message.trim();
    let is_process = !process.is_empty() && process.bytes().all(|b| b.is_ascii_digit());
    (is_process && !component.contains(' ') && severity::of_word(component).is_none()).then(|| Entry {
        timestamp: stamped.time,
        source: Source::service(component),
        message: Cow::Borrowed(message),
        fields: Fields::Named([("component", component), ("process", process), ("", "")]),
        headed: true,
        ..Entry::default()
    })
}

/// `I/ActivityManager( 1766): message`.
pub(super) fn logcat(line: &str) -> Option<Entry<'_>> {
    let (letter, rest) = line.split_once('/').filter(|(letter, _)| letter.len() == 1)?;
    let severity = severity::of_letter(*letter.as_bytes().first()?)?;
    let (head, message) = rest.split_once("): ")?;
    let (tag, process) = head.split_once('(')?;
    let (tag, process) = (tag.trim(), process.trim());
    let is_process = !process.is_empty() && process.bytes().all(|b| b.is_ascii_digit());
    is_process.then(|| Entry {
        severity,
        message: Cow::Owned(format!("{tag}: {message}")),
        fields: Fields::Named([("tag", tag), ("process", process), ("", "")]),
        headed: true,
        ..Entry::default()
    })
}

/// `[10.30 16:49:06] chrome.exe - proxy.example:5070 close, 0 bytes sent`.
fn proxy_client(line: &str) -> Option<Entry<'_>> {
    if line.as_bytes().get(3) != Some(&b'.') {
        return None;
    }
    let stamped = timestamp::leading(line)?;
    let (program, message) = stamped.rest.strip_prefix(' ')?.split_once(" - ")?;
    let is_program = program.len() < 64 && program.split(' ').count() <= 3;
    (is_program && stamped.yearless.is_some()).then(|| Entry {
        yearless: stamped.yearless,
        severity: if message.contains(" error : ") {
            Severity::Error
        } else {
            Severity::Unknown
        },
        source: Source::service(program),
        message: Cow::Borrowed(message),
        headed: true,
        ..Entry::default()
    })
}
