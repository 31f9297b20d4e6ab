//! JSON lines of the common loggers: zap, logrus, pino, bunyan, ECS (dotted and nested), tracing, Serilog, journald, OTLP.

mod keys;
mod otlp;
mod paths;
mod scan;
mod values;

use std::{borrow::Cow, collections::BTreeMap};

use jiff::Timestamp;
use kubemedic_model::log::Severity;
use serde_json::Value;

use super::{Entry, Fields, MAX_FIELDS, Source, Stream, bounded, severity, timestamp};
use keys::{Category, Role, roles};
use scan::{Node, Raw, members};
use values::{level_of, of_nextcloud, of_tags, status_of, time_of};

pub(super) use otlp::batch;

/// The best value so far of one thing that several keys may tell: the first path of its list wins.
#[derive(Debug)]
struct Ranked<T> {
    rank: u8,
    value: Option<T>,
}

impl<T> Default for Ranked<T> {
    fn default() -> Self {
        Self { rank: 0, value: None }
    }
}

impl<T> Ranked<T> {
    /// Takes a value unless a better place told one; the value is not read where that is so.
    fn offer(&mut self, rank: u8, value: impl FnOnce() -> Option<T>) {
        if (self.value.is_none() || rank <= self.rank)
            && let Some(value) = value()
        {
            *self = Self {
                rank,
                value: Some(value),
            };
        }
    }
}

/// What the members of one object tell.
#[derive(Debug, Default)]
pub(super) struct Told<'a> {
    text: &'a str,
    level: Ranked<Severity>,
    level_number: Ranked<u64>,
    message: Ranked<Raw<'a>>,
    time: Ranked<Timestamp>,
    error: Ranked<Raw<'a>>,
    stack: Ranked<Raw<'a>>,
    status: Ranked<u64>,
    namespace: Ranked<Raw<'a>>,
    pod: Ranked<Raw<'a>>,
    container: Ranked<Raw<'a>>,
    service: Ranked<Raw<'a>>,
    method: Ranked<Raw<'a>>,
    request: Ranked<Raw<'a>>,
    flags: Ranked<Raw<'a>>,
    /// The logger's name of bunyan, and whether the host stands beside it.
    bunyan: (Option<Raw<'a>>, bool),
    /// Nextcloud's number of the severity, and whether its request stands beside it.
    nextcloud: (Option<u64>, bool),
    /// The status as a word, which some loggers use for the severity.
    status_word: Option<Severity>,
    /// The nanoseconds that log4j writes beside the seconds.
    nanoseconds: Option<u64>,
    /// journald's message, whose priority is only that of its stream.
    is_journal: bool,
    docker: Docker<'a>,
    /// Serilog's time, and its message or template.
    serilog: (bool, bool),
    /// OpenTelemetry's batch form.
    pub(super) is_batch: bool,
}

/// The three keys of docker's json-file driver.
#[derive(Debug, Default)]
struct Docker<'a> {
    log: Option<Raw<'a>>,
    stream: Option<Stream>,
    time: Option<Raw<'a>>,
}

/// A line that docker's json-file driver wrote.
pub(super) struct DockerLine<'a> {
    /// The line itself, without its end.
    pub(super) line: Cow<'a, str>,
    /// Whether it ended there.
    pub(super) whole: bool,
    /// Its stream.
    pub(super) stream: Stream,
    /// When docker took it.
    pub(super) time: Option<Timestamp>,
}

impl<'a> Told<'a> {
    /// Reads the object that a text is; `false` where it is none. It is read in place, because it is large.
    pub(super) fn read(&mut self, text: &'a str) -> bool {
        let bytes = text.as_bytes();
        if !matches!(bytes, [b'{', .., b'}']) {
            return false;
        }
        self.text = text;
        members(text, &mut |key, node| self.member(key, node)).is_some()
    }

    /// Takes one member of the object.
    fn member(&mut self, key: Raw<'a>, node: Node<'a>) {
        let roles = roles(&key.text());
        for role in roles {
            if role.below.is_empty() {
                self.take(*role, node);
            }
        }
        let Node::Object(inner) = node else { return };
        let deeper = roles.iter().filter(|role| !role.below.is_empty());
        if deeper.clone().next().is_none() {
            return;
        }
        // The text was checked already.
        let _ = members(inner, &mut |name, value| {
            let name = name.text();
            for role in deeper.clone() {
                let (first, below) = role.below.split_once('/').unwrap_or((role.below, ""));
                if first == name
                    && let Some(node) = value.at(below)
                {
                    self.take(*role, node);
                }
            }
        });
    }

    /// Takes a value in one of its roles.
    fn take(&mut self, role: Role, node: Node<'a>) {
        let rank = role.rank;
        match role.category {
            Category::Level => {
                self.nextcloud.0 = self.nextcloud.0.or_else(|| node.as_u64());
                self.level.offer(rank, || level_of(node));
            }
            Category::Method => self.method.offer(rank, || node.told()),
            Category::Request => self.request.offer(rank, || node.told()),
            Category::Flags => self.flags.offer(rank, || node.told()),
            Category::Name => self.bunyan.0 = node.told(),
            Category::Host => self.bunyan.1 = true,
            Category::NextcloudRequest => self.nextcloud.1 = true,
            Category::StatusWord => {
                self.status_word = as_text(node).and_then(|raw| severity::of_word(&raw.text()));
            }
            Category::Tags => {
                if let Node::List(tags) = node {
                    self.status_word = self.status_word.or_else(|| of_tags(tags));
                }
            }
            Category::Nanoseconds => self.nanoseconds = node.as_u64(),
            Category::JournalMessage => self.is_journal = true,
            Category::LevelNumber => self.level_number.offer(rank, || node.as_u64()),
            Category::Message => self.message.offer(rank, || node.told()),
            Category::Time => self.time.offer(rank, || time_of(node)),
            Category::Error => self.error.offer(rank, || node.told()),
            Category::Stack => self.stack.offer(rank, || node.told()),
            Category::Status => self.status.offer(rank, || status_of(node)),
            Category::Namespace => self.namespace.offer(rank, || node.told()),
            Category::Pod => self.pod.offer(rank, || node.told()),
            Category::Container => self.container.offer(rank, || node.told()),
            Category::Service => self.service.offer(rank, || node.told()),
            Category::DockerLog => self.docker.log = as_text(node),
            Category::DockerTime => self.docker.time = as_text(node),
            Category::DockerStream => {
                self.docker.stream = as_text(node).and_then(|stream| match stream.raw() {
                    "stdout" => Some(Stream::Out),
                    "stderr" => Some(Stream::Err),
                    _ => None,
                });
            }
            Category::SerilogTime => self.serilog.0 = true,
            Category::SerilogMessage => self.serilog.1 = true,
            Category::Batch => self.is_batch = true,
        }
    }

    /// The line inside, where docker's json-file driver wrapped it: `log`, `stream`, `time`.
    pub(super) fn docker(&self) -> Option<DockerLine<'a>> {
        let (log, stream) = (self.docker.log?, self.docker.stream?);
        let time = self.docker.time.and_then(|time| timestamp::whole(&time.text()));
        let (line, whole) = match log.before_line_end() {
            Some(line) => (Cow::Borrowed(line), true),
            None => match log.text() {
                Cow::Borrowed(line) => (Cow::Borrowed(line), false),
                Cow::Owned(mut line) => {
                    let whole = line.ends_with('\n');
                    line.truncate(line.trim_end_matches(['\n', '\r']).len());
                    (Cow::Owned(line), whole)
                }
            },
        };
        Some(DockerLine {
            line,
            whole,
            stream,
            time,
        })
    }

    /// The entry of the object.
    pub(super) fn entry(&self) -> Entry<'a> {
        let text_of = |found: &Ranked<Raw<'a>>| found.value.map(Raw::text);
        Entry {
            timestamp: self.time(),
            severity: self.severity(),
            message: message_of(
                text_of(&self.message).or_else(|| self.request_line().map(Cow::Owned)),
                text_of(&self.error),
                text_of(&self.stack),
                self.text,
            ),
            source: self.source(),
            headed: true,
            fields: Fields::Json(self.text),
            ..Entry::default()
        }
    }

    /// The time, with the nanoseconds that stand beside it.
    pub(super) fn time(&self) -> Option<Timestamp> {
        let time = self.time.value?;
        match self.nanoseconds.and_then(|part| i64::try_from(part).ok()) {
            Some(part) if part < 1_000_000_000 && time.subsec_nanosecond() == 0 => {
                time.checked_add(jiff::SignedDuration::from_nanos(part)).ok()
            }
            _ => Some(time),
        }
    }

    /// Where the entry comes from.
    pub(super) fn source(&self) -> Source<'a> {
        let text_of = |found: &Ranked<Raw<'a>>| found.value.map(Raw::text);
        let named = self.bunyan.0.filter(|_| self.bunyan.1).map(Raw::text);
        Source {
            namespace: text_of(&self.namespace),
            pod: text_of(&self.pod),
            container: text_of(&self.container),
            service: text_of(&self.service).or(named),
        }
    }

    /// `GET /cart 504 UT`, of an entry that tells a request and no message.
    fn request_line(&self) -> Option<String> {
        let text_of = |found: &Ranked<Raw<'a>>| found.value.map(Raw::text);
        let request = text_of(&self.request)?;
        let method = text_of(&self.method);
        if method.is_none() && !request.contains(' ') {
            return None;
        }
        let status = self.status.value.map(|status| status.to_string());
        let flags = text_of(&self.flags).filter(|flags| flags != "-");
        let words = [
            method.as_deref(),
            Some(&*request),
            status.as_deref(),
            flags.as_deref(),
        ];
        Some(words.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }

    /// The line that a shipper took from a container or journald from a unit, where the entry has no severity of its own.
    pub(super) fn shipped(&self) -> Option<Cow<'a, str>> {
        let shipped = self.is_journal
            || (self.pod.value.is_some() && self.level.value.is_none() && self.level_number.value.is_none());
        shipped.then(|| self.message.value.map(Raw::text))?
    }

    /// Whether a shipper named the pod.
    pub(super) fn names_pod(&self) -> bool {
        self.pod.value.is_some()
    }

    /// Tells the container of the entry apart from others; 0: it names none.
    pub(super) fn lane(&self) -> u64 {
        let names = [&self.namespace, &self.pod, &self.container];
        if self.pod.value.is_none() {
            return 0;
        }
        super::lane_of(names.into_iter().filter_map(|name| Some(name.value?.raw())))
    }

    /// The severity by word or number; without either, by what the entry says of errors and status.
    /// Serilog leaves Information out; an entry with an error or a failed status is one.
    pub(super) fn severity(&self) -> Severity {
        if let (Some(number), true) = self.nextcloud {
            return of_nextcloud(number);
        }
        if let Some(level) = self.level.value {
            return level;
        }
        if let Some(number) = self.level_number.value {
            return severity::of_otlp(number);
        }
        if self.serilog == (true, true) {
            return Severity::Info;
        }
        if let Some(severity) = self.status_word {
            return severity;
        }
        if let Some(status) = self.status.value.and_then(severity::of_http_status) {
            return status;
        }
        if self.error.value.is_some() || self.stack.value.is_some() {
            return Severity::Error;
        }
        self.message
            .value
            .map_or(Severity::Unknown, |message| severity::implied(&message.text()))
    }
}

/// The message with the cause and the stack trace that it does not tell itself; without any of them the whole line.
fn message_of<'a>(
    message: Option<Cow<'a, str>>,
    cause: Option<Cow<'a, str>>,
    stack: Option<Cow<'a, str>>,
    line: &'a str,
) -> Cow<'a, str> {
    let mut message = match (message, cause) {
        (Some(message), Some(cause)) if !message.contains(&*cause) => format!("{message}: {cause}").into(),
        (Some(message), _) => message,
        (None, Some(cause)) => cause,
        (None, None) => Cow::Borrowed(line),
    };
    if let Some(stack) = stack
        && !message.contains(&*stack)
    {
        let message = message.to_mut();
        message.push('\n');
        message.push_str(&stack);
    }
    message
}

fn as_text(node: Node<'_>) -> Option<Raw<'_>> {
    match node {
        Node::Text(raw) => Some(raw),
        _ => None,
    }
}

/// The other fields of an object, objects one level deep, without those that message, time and severity came from.
pub(super) fn fields(text: &str) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    let _ = members(text, &mut |key, node| {
        let key = key.text();
        if roles(&key).iter().any(keys::Role::is_own) {
            return;
        }
        if let Node::Object(inner) = node
            && count(inner) <= MAX_FIELDS
        {
            let _ = members(inner, &mut |name, value| {
                add_field(&mut fields, &format!("{key}.{}", name.text()), value);
            });
        } else {
            add_field(&mut fields, &key, node);
        }
    });
    fields
}

/// How many members an object has.
fn count(object: &str) -> usize {
    let mut count = 0;
    let _ = members(object, &mut |_, _| count += 1);
    count
}

/// One field as text.
fn add_field(fields: &mut BTreeMap<String, String>, key: &str, node: Node<'_>) {
    if fields.len() >= MAX_FIELDS {
        return;
    }
    let text = match node {
        Node::Null => return,
        Node::Bool(bool) => bool.to_string(),
        Node::Text(raw) => bounded(&raw.text()),
        Node::Number(text) | Node::List(text) | Node::Object(text) => {
            // One way to write a value, whatever spaces the logger put in.
            let value = serde_json::from_str::<Value>(text);
            bounded(&value.map_or_else(|_| text.to_owned(), |value| value.to_string()))
        }
    };
    fields.insert(key.to_owned(), text);
}
