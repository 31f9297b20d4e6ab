//! What runtimes, viewers and syslog put before a line: CRI, `kubectl logs --prefix`, stern, docker-compose, syslog.

use std::borrow::Cow;

use jiff::Timestamp;
use kubemedic_model::{log::Severity, naming};

use super::{Entry, Source, Stream, columns, klog, logfmt, severity, syslog, timestamp, timestamp::Yearless};

/// The longest time before a stream, in bytes.
const MAX_TIME_BYTES: usize = 64;

/// A prefix that has been taken off.
#[derive(Debug, Default)]
pub(super) struct Prefix<'a> {
    /// What follows.
    pub(super) rest: &'a str,
    /// The time that it tells.
    pub(super) time: Option<Timestamp>,
    /// The time that it tells without a year.
    pub(super) yearless: Option<Yearless>,
    /// The severity that it tells.
    pub(super) severity: Severity,
    /// Where it says the line comes from.
    pub(super) source: Source<'a>,
    /// The stream of a container.
    pub(super) stream: Option<Stream>,
    /// Whether the next line of the stream continues it.
    pub(super) partial: bool,
    /// Whether it alone makes the line an entry.
    pub(super) headed: bool,
    /// Whether a runtime or viewer put it before each line that a container wrote.
    pub(super) transport: bool,
}

impl<'a> Prefix<'a> {
    /// Adds to an entry what it does not tell itself.
    pub(super) fn complete(self, entry: &mut Entry<'a>) {
        entry.timestamp = entry.timestamp.or(self.time);
        entry.yearless = entry.yearless.or(self.yearless);
        if entry.severity == Severity::Unknown {
            entry.severity = self.severity;
        }
        entry.headed |= self.headed;
        if self.transport {
            let names = [
                &self.source.namespace,
                &self.source.pod,
                &self.source.container,
                &self.source.service,
            ];
            let mut names = names.into_iter().flatten().map(|name| &**name).peekable();
            if names.peek().is_some() {
                entry.lane = entry.lane.wrapping_mul(31).wrapping_add(super::lane_of(names));
            }
            entry.body.get_or_insert(Cow::Borrowed(self.rest));
        }
        if self.stream.is_some() {
            entry.stream = self.stream;
            entry.partial = self.stream.filter(|_| self.partial);
        }
        let source = &mut entry.source;
        source.namespace = self.source.namespace.or(source.namespace.take());
        source.pod = self.source.pod.or(source.pod.take());
        source.container = self.source.container.or(source.container.take());
        source.service = self.source.service.or(source.service.take());
    }
}

/// Takes one prefix off, if there is one.
pub(super) fn take(line: &str) -> Option<Prefix<'_>> {
    match line.as_bytes() {
        [b'0'..=b'9', ..] => cri(line)
            .or_else(|| named(line))
            .or_else(|| syslog::with_iso_time(line)),
        [b'[', ..] => kubectl(line),
        [b'<', ..] => syslog::with_priority(line),
        [b'-', ..] => columns::supercomputer_syslog(line),
        [b'A'..=b'Z', ..] => syslog::without_priority(line).or_else(|| columns::supercomputer_syslog(line)),
        [b'a'..=b'z', ..] => quoted_log(line)
            .or_else(|| named(line))
            .or_else(|| log_file(line)),
        _ => None,
    }
}

/// A name at the start: it ends at the first byte that no name has, and there the two forms of it differ.
fn named(line: &str) -> Option<Prefix<'_>> {
    let name = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
    match line.bytes().find(|byte| !name(*byte))? {
        b' ' => compose(line).or_else(|| stern(line)),
        b'/' => kail(line),
        _ => None,
    }
}

/// `log: ...`, as people write before a line that they quote.
fn quoted_log(line: &str) -> Option<Prefix<'_>> {
    let rest = line
        .strip_prefix("log: ")
        .or_else(|| line.strip_prefix("logs: "))?;
    Some(Prefix {
        rest,
        ..Prefix::default()
    })
}

/// `namespace/pod[container]: line`, as kail writes it.
fn kail(line: &str) -> Option<Prefix<'_>> {
    let (names, rest) = line.split_once("]: ").filter(|(names, _)| names.len() < 200)?;
    let (object, container) = names.split_once('[')?;
    let (namespace, pod) = object.split_once('/')?;
    let named = [namespace, pod, container]
        .into_iter()
        .all(naming::is_object_name);
    named.then(|| Prefix {
        rest,
        source: Source {
            namespace: Some(Cow::Borrowed(namespace)),
            pod: Some(Cow::Borrowed(pod)),
            container: Some(Cow::Borrowed(container)),
            ..Source::default()
        },
        transport: true,
        ..Prefix::default()
    })
}

/// The name of the file that a collector put before the line: `nova-api.log.1.2017-05-16_13:53:08 2017-05-16 00:00:00.008 ...`.
fn log_file(line: &str) -> Option<Prefix<'_>> {
    let (file, rest) = line.split_once(' ')?;
    let (name, _) = file.split_once(".log")?;
    timestamp::leading(rest)?.time?;
    Some(Prefix {
        rest,
        source: Source::service(name),
        ..Prefix::default()
    })
}

/// `2016-10-06T00:17:09.669794202Z stdout P first part`.
fn cri(line: &str) -> Option<Prefix<'_>> {
    let near = line.as_bytes().get(..MAX_TIME_BYTES).unwrap_or(line.as_bytes());
    let (time, rest) = line.split_at_checked(memchr::memchr(b' ', near)?)?;
    let (stream, rest) = match rest.strip_prefix(" stdout ") {
        Some(rest) => (Stream::Out, rest),
        None => (Stream::Err, rest.strip_prefix(" stderr ")?),
    };
    let (tag, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let flag = tag.split(':').next()?;
    if flag != "F" && flag != "P" {
        return None;
    }
    Some(Prefix {
        rest,
        time: timestamp::whole(time),
        stream: Some(stream),
        partial: flag == "P",
        transport: true,
        ..Prefix::default()
    })
}

/// `[pod/NAME/CONTAINER] line`.
fn kubectl(line: &str) -> Option<Prefix<'_>> {
    let (names, rest) = line.strip_prefix("[pod/")?.split_once(']')?;
    let (pod, container) = names.split_once('/')?;
    Some(Prefix {
        rest: rest.strip_prefix(' ').unwrap_or(rest),
        source: Source {
            pod: Some(Cow::Borrowed(pod)),
            container: Some(Cow::Borrowed(container)),
            ..Source::default()
        },
        transport: true,
        ..Prefix::default()
    })
}

/// `web-1  | line`.
fn compose(line: &str) -> Option<Prefix<'_>> {
    let near = line.as_bytes().get(..80).unwrap_or(line.as_bytes());
    let bar = memchr::memchr(b'|', near).filter(|bar| *bar >= 2)?;
    let (name, rest) = (line.get(..bar)?, line.get(bar + 1..)?);
    let name = name.strip_suffix(' ')?.trim_end();
    let rest = if rest.is_empty() {
        rest
    } else {
        rest.strip_prefix(' ')?
    };
    let is_name = name
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.'));
    if !is_name || severity::of_word(name).is_some() || timestamp::leading(name).is_some() {
        return None;
    }
    Some(Prefix {
        rest,
        source: Source::service(name),
        transport: true,
        ..Prefix::default()
    })
}

/// `pod container line`, where the first word is a generated pod name and an entry of its own follows.
fn stern(line: &str) -> Option<Prefix<'_>> {
    let (pod, rest) = line.split_once(' ')?;
    if !pod.contains('-') || !naming::is_object_name(pod) || naming::owner_of_pod(pod).is_none() {
        return None;
    }
    let (container, rest) = rest
        .split_once(' ')
        .filter(|(container, _)| naming::is_object_name(container))?;
    let entry_follows = rest.starts_with('{')
        || klog::looks_like(rest)
        || logfmt::looks_like(rest)
        || timestamp::leading(rest).is_some()
        || first_word_is_level(rest);
    entry_follows.then(|| Prefix {
        rest,
        source: Source {
            pod: Some(Cow::Borrowed(pod)),
            container: Some(Cow::Borrowed(container)),
            ..Source::default()
        },
        transport: true,
        ..Prefix::default()
    })
}

/// Whether a line starts with a severity in capitals or brackets.
fn first_word_is_level(line: &str) -> bool {
    let word = line.split(' ').next().unwrap_or("");
    let bare = word.trim_matches(['[', ']', ':']);
    severity::of_bare_word(bare).is_some() && (word != bare || bare.bytes().all(|b| b.is_ascii_uppercase()))
}

/// The unfinished characters at the ends of CRI `P` lines, which move to the next line of their stream.
#[derive(Debug, Default)]
pub(in crate::intake) struct CutLines {
    carried: [Vec<u8>; 2],
}

impl CutLines {
    /// Whether no character is unfinished.
    pub(in crate::intake) fn is_empty(&self) -> bool {
        self.carried.iter().all(Vec::is_empty)
    }

    /// Decodes bytes line by line.
    pub(in crate::intake) fn decode(&mut self, bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len());
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let Some((header, stream, partial)) = cri_header(line) else {
                text.push_str(&String::from_utf8_lossy(line));
                continue;
            };
            let (head, content) = line.split_at_checked(header).unwrap_or((line, &[]));
            let [out, err] = &mut self.carried;
            let carry = if stream == Stream::Err { err } else { out };
            let mut content = [std::mem::take(carry), content.to_vec()].concat();
            let tail = if partial { unfinished(&content) } else { 0 };
            if tail > 0 {
                *carry = content.split_off(content.len() - 1 - tail);
                carry.pop();
                content.push(b'\n');
            }
            text.push_str(&String::from_utf8_lossy(head));
            text.push_str(&String::from_utf8_lossy(&content));
        }
        text
    }
}

/// The length of a CRI header, its stream, and whether the line is partial.
fn cri_header(line: &[u8]) -> Option<(usize, Stream, bool)> {
    let mut spaces = memchr::memchr_iter(b' ', line);
    let (first, second, third) = (spaces.next()?, spaces.next()?, spaces.next()?);
    let stream = match line.get(first + 1..second)? {
        b"stdout" => Stream::Out,
        b"stderr" => Stream::Err,
        _ => return None,
    };
    let tag = line.get(second + 1..third)?;
    matches!(tag, b"F" | b"P").then_some((third + 1, stream, tag == b"P"))
}

/// How many bytes before the line end belong to a character that is not complete.
fn unfinished(content: &[u8]) -> usize {
    let Some(body) = content.strip_suffix(b"\n") else {
        return 0;
    };
    match std::str::from_utf8(body) {
        Err(error) if error.error_len().is_none() => body.len() - error.valid_up_to(),
        _ => 0,
    }
}
