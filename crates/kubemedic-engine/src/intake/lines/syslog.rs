//! syslog in its forms: RFC 5424, RFC 3164 with and without priority, rsyslog's and journalctl's with an ISO time,
//! facility and level in words, and the names of programs that Macs write.

use std::borrow::Cow;

use kubemedic_model::log::Severity;

use super::{Source, prefix::Prefix, severity, timestamp};

/// The longest tag of a program, in bytes.
const MAX_TAG_BYTES: usize = 120;
/// The longest name of a program, in bytes.
const MAX_NAME_BYTES: usize = 64;
/// The facilities that some daemons print with the level: `daemon.err`.
const FACILITIES: [&str; 12] = [
    "kern", "user", "mail", "daemon", "auth", "authpriv", "syslog", "lpr", "news", "uucp", "cron", "ftp",
];

/// `<30>1 2017-04-27T07:59:12+02:00 host app - - - message` (RFC 5424) and `<34>Oct 11 22:14:15 host app: message` (RFC 3164).
pub(super) fn with_priority(line: &str) -> Option<Prefix<'_>> {
    let (priority, rest) = line.strip_prefix('<')?.split_once('>')?;
    let priority = priority.parse::<u64>().ok().filter(|priority| *priority <= 191)?;
    let mut prefix = match rest.strip_prefix("1 ") {
        Some(rest) => rfc5424(rest)?,
        None => without_priority(rest).or_else(|| with_iso_time(rest))?,
    };
    prefix.severity = severity::of_syslog(priority & 7);
    Some(prefix)
}

/// Time, host, application, process, message id and structured data.
fn rfc5424(text: &str) -> Option<Prefix<'_>> {
    let mut parts = text.splitn(6, ' ');
    let time = timestamp::whole(parts.next()?);
    let _host = parts.next()?;
    let application = parts.next()?;
    let _process = parts.next()?;
    let _message_id = parts.next()?;
    let rest = parts.next()?;
    let rest = match rest.strip_prefix('-') {
        Some(message) => message,
        None => after_data(rest).unwrap_or(rest),
    };
    Some(Prefix {
        rest: rest.trim_start_matches([' ', '\u{feff}']),
        time,
        source: service(application),
        headed: true,
        ..Prefix::default()
    })
}

/// What follows the elements of structured data; a quoted value may hold brackets.
fn after_data(text: &str) -> Option<&str> {
    let mut quoted = false;
    let mut escaped = false;
    let mut inside = false;
    for (at, byte) in text.bytes().enumerate() {
        if escaped {
            escaped = false;
            continue;
        }
        match byte {
            b'\\' if quoted => escaped = true,
            b'"' if inside => quoted = !quoted,
            b'[' if !quoted => inside = true,
            b']' if !quoted => inside = false,
            _ if !inside => return text.get(at..).filter(|_| at > 0),
            _ => {}
        }
    }
    (!inside).then_some("")
}

/// `Oct 11 22:14:15 host app[pid]: message`.
pub(super) fn without_priority(line: &str) -> Option<Prefix<'_>> {
    let stamped = timestamp::leading(line)?;
    let (_host, rest) = stamped.rest.strip_prefix(' ')?.split_once(' ')?;
    let mut prefix = tagged(rest)?;
    prefix.time = stamped.time;
    prefix.yearless = stamped.yearless;
    Some(prefix)
}

/// `2024-05-07T10:55:40.486-07:00 host app[pid]: message`. A number of the process, or the offset that rsyslog writes,
/// must tell it from other lines that begin with a time.
pub(super) fn with_iso_time(line: &str) -> Option<Prefix<'_>> {
    if line.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    let stamped = timestamp::leading(line)?;
    let (host, rest) = stamped.rest.strip_prefix(' ')?.split_once(' ')?;
    if !is_host(host) || severity::of_word(host).is_some() {
        return None;
    }
    let tag = rest.split_once(": ").map_or(rest, |(tag, _)| tag);
    let offset = line.get(..line.len() - stamped.rest.len()).is_some_and(|time| {
        !time.ends_with('Z') && time.get(19..).is_some_and(|end| end.contains(['+', '-']))
    });
    let numbered = tag
        .strip_suffix(']')
        .and_then(|tag| tag.rsplit_once('['))
        .is_some_and(|(_, pid)| !pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit()));
    let named = offset && is_program(tag.trim_end_matches(':'));
    if !(numbered || named) {
        return None;
    }
    let mut prefix = tagged(rest)?;
    prefix.time = stamped.time;
    Some(prefix)
}

/// Whether a word can be the name of a host.
fn is_host(word: &str) -> bool {
    !word.is_empty()
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
}

/// Whether a word can be the name of a program.
fn is_program(word: &str) -> bool {
    !word.is_empty()
        && word.len() < MAX_NAME_BYTES
        && word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && !word.contains([' ', '=', '"'])
        && severity::of_word(word).is_none()
}

/// The message and who speaks, after the host.
fn tagged(rest: &str) -> Option<Prefix<'_>> {
    let (severity, rest) = facility_and_level(rest).unwrap_or((Severity::Unknown, rest));
    let (tag, message) = match rest.split_once(": ") {
        Some(found) => found,
        None => (rest.strip_suffix(':')?, ""),
    };
    let application = application(tag).filter(|_| tag.len() <= MAX_TAG_BYTES)?;
    Some(Prefix {
        rest: message,
        severity,
        source: service(application),
        headed: true,
        ..Prefix::default()
    })
}

/// `daemon.err `, before the tag.
fn facility_and_level(rest: &str) -> Option<(Severity, &str)> {
    let (word, next) = rest.split_once(' ')?;
    let (facility, level) = word.split_once('.')?;
    let known = FACILITIES.contains(&facility)
        || facility
            .strip_prefix("local")
            .is_some_and(|number| number.len() == 1);
    let severity = severity::of_word(level).filter(|_| known)?;
    Some((severity, next))
}

/// The name of the program in `sshd[77]`, `syslogd 1.4.1`, `Setup Assistant[1173]`, `launchd[1] (com.apple.x[2])`.
fn application(tag: &str) -> Option<&str> {
    let numbered = tag.split_once('[').filter(|(_, rest)| {
        rest.split(']')
            .next()
            .is_some_and(|pid| !pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit()))
    });
    let name = match numbered {
        Some((name, _)) => name,
        None => match tag.split_once(' ') {
            Some((name, version)) if version.starts_with(|c: char| c.is_ascii_digit()) => name,
            Some(_) => return None,
            None => tag.split('[').next()?,
        },
    };
    let words = name.split(' ').count();
    let named = !name.is_empty()
        && name.len() < MAX_NAME_BYTES
        && words <= 4
        && (words == 1 || !name.contains([',', '=', '"', '[', '(']))
        && severity::of_word(name).is_none();
    named.then_some(name)
}

/// A source that is a service only.
fn service(name: &str) -> Source<'_> {
    if name == "-" {
        return Source::default();
    }
    Source {
        service: Some(Cow::Borrowed(name)),
        ..Source::default()
    }
}
