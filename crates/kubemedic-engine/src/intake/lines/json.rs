//! JSON lines of the common loggers: zap, logrus, pino, bunyan, ECS (dotted and nested), tracing, Serilog, journald, OTLP.

use std::{collections::HashSet, sync::LazyLock};

use jiff::Timestamp;
use kubemedic_model::log::{LogSource, Severity};
use serde_json::{Map, Value};

use super::{Entry, MAX_FIELDS, Stream, bounded, severity, timestamp};

/// Paths of the severity, first one wins; a slash steps into an object.
const LEVEL_PATHS: [&str; 17] = [
    "level",
    "severity",
    "log.level",
    "log/level",
    "lvl",
    "levelname",
    "level_name",
    "loglevel",
    "log_level",
    "severity_text",
    "severityText",
    "@l",
    "Level",
    "LogLevel",
    "PRIORITY",
    "logLevel",
    "status_level",
];
/// Paths of the message.
const MESSAGE_PATHS: [&str; 18] = [
    "msg",
    "message",
    "fields/message",
    "MESSAGE",
    "@m",
    "@mt",
    "short_message",
    "log",
    "text",
    "event",
    "body",
    "body/text",
    "Message",
    "RenderedMessage",
    "MessageTemplate",
    "textPayload",
    "message_text",
    "State/Message",
];
/// Paths of the time.
const TIME_PATHS: [&str; 14] = [
    "time",
    "ts",
    "timestamp",
    "@timestamp",
    "@t",
    "Timestamp",
    "t",
    "eventTime",
    "datetime",
    "asctime",
    "__REALTIME_TIMESTAMP",
    "timeUnixNano",
    "date",
    "instant/epochSecond",
];
/// Paths of the cause, which joins the message.
const ERROR_PATHS: [&str; 8] = [
    "err",
    "error",
    "err/message",
    "error/message",
    "error.message",
    "exception",
    "exception/message",
    "cause",
];
/// Paths of a stack trace, which joins the message.
const STACK_PATHS: [&str; 14] = [
    "stack",
    "stacktrace",
    "stack_trace",
    "stackTrace",
    "err/stack",
    "error/stack",
    "error.stack_trace",
    "error/stack_trace",
    "@x",
    "exc_info",
    "errorVerbose",
    "thrown/extendedStackTrace",
    "Exception",
    "traceback",
];
/// Paths of the pod, its namespace, its container and the service.
const POD_PATHS: [&str; 5] = [
    "kubernetes/pod_name",
    "kubernetes/pod/name",
    "kubernetes.pod.name",
    "kubernetes.pod_name",
    "resource/attributes/k8s.pod.name",
];
const NAMESPACE_PATHS: [&str; 5] = [
    "kubernetes/namespace_name",
    "kubernetes/namespace",
    "kubernetes.namespace",
    "kubernetes.namespace_name",
    "resource/attributes/k8s.namespace.name",
];
const CONTAINER_PATHS: [&str; 4] = [
    "kubernetes/container_name",
    "kubernetes/container/name",
    "kubernetes.container.name",
    "resource/attributes/k8s.container.name",
];
const SERVICE_PATHS: [&str; 8] = [
    "service",
    "service.name",
    "service/name",
    "serviceName",
    "service_name",
    "app",
    "application",
    "resource/attributes/service.name",
];

/// The object of a line that is one.
pub(super) fn object(line: &str) -> Option<Value> {
    if !(line.starts_with('{') && line.ends_with('}')) {
        return None;
    }
    serde_json::from_str::<Value>(line).ok().filter(Value::is_object)
}

/// A line that docker's json-file driver wrote.
pub(super) struct DockerLine<'a> {
    /// The line itself.
    pub(super) line: &'a str,
    /// Its stream.
    pub(super) stream: Stream,
    /// When docker took it.
    pub(super) time: Option<Timestamp>,
}

/// Recognises docker's json-file form: `log`, `stream`, `time`.
pub(super) fn docker(value: &Value) -> Option<DockerLine<'_>> {
    let line = value.get("log")?.as_str()?;
    let stream = match value.get("stream")?.as_str()? {
        "stdout" => Stream::Out,
        "stderr" => Stream::Err,
        _ => return None,
    };
    let time = value
        .get("time")
        .and_then(Value::as_str)
        .and_then(timestamp::whole);
    Some(DockerLine { line, stream, time })
}

/// The value at a path of `a/b`; a key may hold dots.
fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    // A key without a slash is its own head, and no key of a path holds one.
    let mut keys = path.split('/');
    let head = member(value.as_object()?, keys.next()?)?;
    keys.try_fold(head, |value, key| value.get(key))
        .filter(|value| !value.is_null())
}

/// The most keys of an object that are compared one by one: the many names tried on a small one cost less than hashing each.
const SMALL_OBJECT: usize = 16;

/// The value of a key.
fn member<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    if object.len() > SMALL_OBJECT {
        return object.get(key);
    }
    object
        .iter()
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value)
}

/// The first text at one of the paths.
fn text_at(value: &Value, paths: &[&str]) -> Option<String> {
    paths
        .iter()
        .filter_map(|path| at(value, path))
        .find_map(|value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned))
}

/// Reads an object as an entry.
pub(super) fn entry(value: &Value, line: &str) -> Entry {
    let message = text_at(value, &MESSAGE_PATHS);
    let mut entry = Entry {
        timestamp: TIME_PATHS.iter().find_map(|path| time_of(at(value, path)?)),
        severity: severity_of(value),
        source: source_of(value),
        headed: true,
        fields: fields_of(value),
        ..Entry::default()
    };
    let cause = text_at(value, &ERROR_PATHS);
    entry.message = match (message, cause) {
        (Some(message), Some(cause)) if !message.contains(&cause) => format!("{message}: {cause}"),
        (Some(message), _) => message,
        (None, Some(cause)) => cause,
        (None, None) => line.to_owned(),
    };
    if let Some(stack) = text_at(value, &STACK_PATHS)
        && !entry.message.contains(&stack)
    {
        entry.message.push('\n');
        entry.message.push_str(&stack);
    }
    entry
}

/// A time as text or number.
fn time_of(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => timestamp::whole(text),
        Value::Number(number) => timestamp::from_number(number.as_f64()?),
        _ => None,
    }
}

/// The severity by word or number; without either, by what the entry says of errors and status.
fn severity_of(value: &Value) -> Severity {
    for path in LEVEL_PATHS {
        let found = match at(value, path) {
            Some(Value::String(word)) => {
                severity::of_word(word.trim()).or_else(|| word.trim().parse().ok().map(severity::of_number))
            }
            Some(Value::Number(number)) => number.as_u64().map(severity::of_number),
            _ => None,
        };
        if let Some(found) = found {
            return found;
        }
    }
    for path in ["severityNumber", "severity_number"] {
        if let Some(number) = at(value, path).and_then(Value::as_u64) {
            return severity::of_otlp(number);
        }
    }
    implied_severity(value)
}

/// Serilog leaves Information out; an entry with an error or a failed status is one.
fn implied_severity(value: &Value) -> Severity {
    if value.get("@t").is_some() && (value.get("@mt").is_some() || value.get("@m").is_some()) {
        return Severity::Info;
    }
    let status = ["status", "status_code", "statusCode", "response_code"]
        .iter()
        .find_map(|key| value.get(*key)?.as_u64())
        .and_then(severity::of_http_status);
    if let Some(status) = status {
        return status;
    }
    if text_at(value, &ERROR_PATHS).is_some() || text_at(value, &STACK_PATHS).is_some() {
        return Severity::Error;
    }
    text_at(value, &MESSAGE_PATHS).map_or(Severity::Unknown, |message| severity::implied(&message))
}

/// Where the entry says it comes from.
fn source_of(value: &Value) -> LogSource {
    let nested = value.as_object().is_some_and(|object| {
        object
            .keys()
            .any(|key| key.starts_with("kubernetes") || key == "resource")
    });
    if !nested {
        return LogSource {
            service: text_at(value, &SERVICE_PATHS),
            ..LogSource::default()
        };
    }
    LogSource {
        namespace: text_at(value, &NAMESPACE_PATHS),
        pod: text_at(value, &POD_PATHS),
        container: text_at(value, &CONTAINER_PATHS),
        service: text_at(value, &SERVICE_PATHS),
    }
}

/// The other fields, objects one level deep, without those that message, time and severity came from.
fn fields_of(value: &Value) -> std::collections::BTreeMap<String, String> {
    let mut fields = std::collections::BTreeMap::new();
    let Some(object) = value.as_object() else {
        return fields;
    };
    for (key, value) in object {
        if is_own(key) {
            continue;
        }
        match value {
            Value::Object(inner) if inner.len() <= MAX_FIELDS => add_inner(&mut fields, key, inner),
            _ => add_field(&mut fields, key, value),
        }
    }
    fields
}

/// Whether a key is already the entry's message, time or severity.
fn is_own(key: &str) -> bool {
    static OWN: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        let own = [&LEVEL_PATHS[..], &MESSAGE_PATHS, &TIME_PATHS, &STACK_PATHS];
        own.into_iter().flatten().copied().collect()
    });
    OWN.contains(key)
}

/// Fields of an inner object as `outer.inner`.
fn add_inner(fields: &mut std::collections::BTreeMap<String, String>, key: &str, inner: &Map<String, Value>) {
    for (name, value) in inner {
        add_field(fields, &format!("{key}.{name}"), value);
    }
}

/// One field as text.
fn add_field(fields: &mut std::collections::BTreeMap<String, String>, key: &str, value: &Value) {
    if fields.len() >= MAX_FIELDS {
        return;
    }
    let text = match value {
        Value::Null => return,
        Value::String(text) => bounded(text),
        other => bounded(&other.to_string()),
    };
    fields.insert(key.to_owned(), text);
}

/// The entries of an OTLP batch (`resourceLogs[].scopeLogs[].logRecords[]`).
pub(super) fn otlp(value: &Value) -> Option<Vec<Entry>> {
    let resources = value.get("resourceLogs")?.as_array()?;
    let mut entries = Vec::new();
    for resource in resources {
        let source = otlp_source(resource.get("resource"));
        for scope in items(resource, "scopeLogs") {
            for record in items(scope, "logRecords") {
                entries.push(otlp_entry(record, &source));
            }
        }
    }
    (!entries.is_empty()).then_some(entries)
}

/// The list under a key.
fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// An OTLP attribute as text.
fn attribute(holder: &Value, name: &str) -> Option<String> {
    let found = items(holder, "attributes")
        .iter()
        .find(|it| it.get("key").and_then(Value::as_str) == Some(name))?;
    found
        .get("value")?
        .get("stringValue")?
        .as_str()
        .map(str::to_owned)
}

/// The source that a resource's attributes name.
fn otlp_source(resource: Option<&Value>) -> LogSource {
    let get = |name: &str| resource.and_then(|resource| attribute(resource, name));
    LogSource {
        namespace: get("k8s.namespace.name"),
        pod: get("k8s.pod.name"),
        container: get("k8s.container.name"),
        service: get("service.name"),
    }
}

/// One OTLP log record.
fn otlp_entry(record: &Value, source: &LogSource) -> Entry {
    let number = record.get("severityNumber").and_then(Value::as_u64);
    let word = record.get("severityText").and_then(Value::as_str);
    let body = record.get("body");
    let text = body
        .and_then(|body| body.get("stringValue"))
        .and_then(Value::as_str);
    let message = text.map_or_else(|| body.map(Value::to_string).unwrap_or_default(), str::to_owned);
    Entry {
        timestamp: ["timeUnixNano", "observedTimeUnixNano"].iter().find_map(|key| {
            match record.get(*key)? {
                Value::String(text) => timestamp::whole(text),
                other => time_of(other),
            }
        }),
        severity: number
            .map(severity::of_otlp)
            .filter(|severity| *severity != Severity::Unknown)
            .or_else(|| word.and_then(severity::of_word))
            .unwrap_or_default(),
        source: source.clone(),
        message,
        headed: true,
        ..Entry::default()
    }
}
