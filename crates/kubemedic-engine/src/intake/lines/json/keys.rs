//! Which thing a key of a JSON line may tell, found by one look into a table. The lists of paths are `json`'s.

use std::sync::LazyLock;

use super::paths::{
    CONTAINER_PATHS, ERROR_PATHS, FLAG_PATHS, LEVEL_NUMBER_PATHS, LEVEL_PATHS, MESSAGE_PATHS, METHOD_PATHS,
    NAMESPACE_PATHS, POD_PATHS, REQUEST_PATHS, SERVICE_PATHS, STACK_PATHS, STATUS_PATHS, TIME_PATHS,
};

/// What a value may tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Category {
    /// The severity.
    Level,
    /// OpenTelemetry's number of the severity.
    LevelNumber,
    /// The message.
    Message,
    /// The time.
    Time,
    /// The cause.
    Error,
    /// The stack trace.
    Stack,
    /// The HTTP status.
    Status,
    /// The namespace.
    Namespace,
    /// The pod.
    Pod,
    /// The container.
    Container,
    /// The service.
    Service,
    /// A request's method.
    Method,
    /// A request's path.
    Request,
    /// What a proxy notes of a request.
    Flags,
    /// bunyan's name of the logger.
    Name,
    /// The host that bunyan writes beside it.
    Host,
    /// Nextcloud's name of the request.
    NextcloudRequest,
    /// The status as a word.
    StatusWord,
    /// Tags, among which the severity may stand.
    Tags,
    /// log4j's nanoseconds.
    Nanoseconds,
    /// journald's message.
    JournalMessage,
    /// docker's line.
    DockerLog,
    /// docker's stream.
    DockerStream,
    /// docker's time.
    DockerTime,
    /// Serilog's time.
    SerilogTime,
    /// Serilog's message or its template.
    SerilogMessage,
    /// OpenTelemetry's batch.
    Batch,
}

/// One thing that a key may tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Role {
    /// What.
    pub(super) category: Category,
    /// Its place in the list of paths: the lowest wins.
    pub(super) rank: u8,
    /// The path below the key, empty for its value itself.
    pub(super) below: &'static str,
}

impl Role {
    /// Whether the value is already the entry's message, time, severity or stack trace.
    pub(super) fn is_own(&self) -> bool {
        let own = [
            Category::Level,
            Category::Message,
            Category::Time,
            Category::Stack,
        ];
        self.below.is_empty() && own.contains(&self.category)
    }
}

/// Slots of the table: some four for each key, so that a look rarely meets another key.
const SLOTS: usize = 512;

/// A key with its roles.
type Slot = (&'static str, Vec<Role>);

/// The roles of a key.
pub(super) fn roles(key: &str) -> &'static [Role] {
    static TABLE: LazyLock<Vec<Vec<Slot>>> = LazyLock::new(table);
    let Some(slots) = slot_of(key).and_then(|slot| TABLE.get(slot)) else {
        return &[];
    };
    slots
        .iter()
        .find(|(name, _)| *name == key)
        .map_or(&[], |(_, roles)| roles.as_slice())
}

/// The slot by length, first, middle and last byte.
fn slot_of(key: &str) -> Option<usize> {
    let bytes = key.as_bytes();
    let byte = |at: usize| bytes.get(at).map(|byte| usize::from(*byte));
    let (first, middle, last) = (byte(0)?, byte(bytes.len() / 2)?, byte(bytes.len() - 1)?);
    Some((bytes.len() * 31 + first * 131 + middle * 7 + last * 17) % SLOTS)
}

fn table() -> Vec<Vec<Slot>> {
    let lists: [(Category, &[&'static str]); 27] = [
        (Category::Level, &LEVEL_PATHS),
        (Category::LevelNumber, &LEVEL_NUMBER_PATHS),
        (Category::Message, &MESSAGE_PATHS),
        (Category::Time, &TIME_PATHS),
        (Category::Error, &ERROR_PATHS),
        (Category::Stack, &STACK_PATHS),
        (Category::Status, &STATUS_PATHS),
        (Category::Namespace, &NAMESPACE_PATHS),
        (Category::Pod, &POD_PATHS),
        (Category::Container, &CONTAINER_PATHS),
        (Category::Service, &SERVICE_PATHS),
        (Category::Method, &METHOD_PATHS),
        (Category::Request, &REQUEST_PATHS),
        (Category::Flags, &FLAG_PATHS),
        (Category::Name, &["name"]),
        (Category::Host, &["hostname"]),
        (Category::NextcloudRequest, &["reqId"]),
        (Category::StatusWord, &["status"]),
        (Category::Tags, &["tags"]),
        (Category::Nanoseconds, &["instant/nanoOfSecond"]),
        (Category::JournalMessage, &["MESSAGE"]),
        (Category::DockerLog, &["log"]),
        (Category::DockerStream, &["stream"]),
        (Category::DockerTime, &["time"]),
        (Category::SerilogTime, &["@t"]),
        (Category::SerilogMessage, &["@m", "@mt"]),
        (Category::Batch, &["resourceLogs"]),
    ];
    let mut table = vec![Vec::new(); SLOTS];
    for (category, paths) in lists {
        for (rank, path) in (0..).zip(paths) {
            let (key, below) = path.split_once('/').unwrap_or((path, ""));
            let role = Role {
                category,
                rank,
                below,
            };
            add(&mut table, key, role);
        }
    }
    table
}

fn add(table: &mut [Vec<Slot>], key: &'static str, role: Role) {
    let Some(slots) = slot_of(key).and_then(|slot| table.get_mut(slot)) else {
        return;
    };
    match slots.iter_mut().find(|(name, _)| *name == key) {
        Some((_, roles)) => roles.push(role),
        None => slots.push((key, vec![role])),
    }
}

#[cfg(test)]
mod tests;
