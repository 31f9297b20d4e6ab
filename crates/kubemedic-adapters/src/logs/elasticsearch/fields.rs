//! Which fields an index pattern has for time, message, place and severity, found once by `_field_caps`.
//! The names are those of Fluent Bit and Fluentd, of ECS (Filebeat, Elastic Agent) and of OpenTelemetry's two exporters.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Time,
    Message,
    Severity,
    Namespace,
    Pod,
    Container,
    Node,
    Cluster,
    StackTrace,
}

/// Every role with the name that `ELASTICSEARCH_FIELDS` gives it and the fields that play it, the likelier first.
const ROLES: [(Role, &str, &[&str]); 9] = [
    (
        Role::Time,
        "time",
        &[
            "@timestamp",
            "timestamp",
            "time",
            "ts",
            "observedTimestamp",
            "observed_timestamp",
            "eventTime",
            "datetime",
        ],
    ),
    (
        Role::Message,
        "message",
        &[
            "message",
            "log",
            "body.text",
            "body",
            "msg",
            "event.original",
            "log.original",
            "MESSAGE",
            "short_message",
            "text",
            "line",
        ],
    ),
    (
        Role::Severity,
        "severity",
        &[
            "log.level",
            "level",
            "severity_text",
            "severityText",
            "severity.text",
            "severity",
            "loglevel",
            "log_level",
            "lvl",
        ],
    ),
    (
        Role::Namespace,
        "namespace",
        &[
            "kubernetes.namespace_name",
            "kubernetes.namespace",
            "resource.attributes.k8s.namespace.name",
            "k8s.namespace.name",
            "resource.k8s.namespace.name",
            "kubernetes.namespace.name",
            "Resource.k8s.namespace.name",
            "namespace_name",
            "namespace",
        ],
    ),
    (
        Role::Pod,
        "pod",
        &[
            "kubernetes.pod_name",
            "kubernetes.pod.name",
            "resource.attributes.k8s.pod.name",
            "k8s.pod.name",
            "resource.k8s.pod.name",
            "Resource.k8s.pod.name",
            "pod_name",
            "pod",
        ],
    ),
    (
        Role::Container,
        "container",
        &[
            "kubernetes.container_name",
            "kubernetes.container.name",
            "resource.attributes.k8s.container.name",
            "k8s.container.name",
            "resource.k8s.container.name",
            "Resource.k8s.container.name",
            "container.name",
            "container_name",
        ],
    ),
    (
        Role::Node,
        "node",
        &[
            "kubernetes.host",
            "kubernetes.node.name",
            "resource.attributes.k8s.node.name",
            "k8s.node.name",
            "resource.k8s.node.name",
            "Resource.k8s.node.name",
            "host.name",
        ],
    ),
    (
        Role::Cluster,
        "cluster",
        &[
            "orchestrator.cluster.name",
            "kubernetes.cluster.name",
            "kubernetes.cluster_name",
            "resource.attributes.k8s.cluster.name",
            "k8s.cluster.name",
            "resource.k8s.cluster.name",
            "Resource.k8s.cluster.name",
            "cluster_name",
            "cluster",
        ],
    ),
    (
        Role::StackTrace,
        "stack_trace",
        &[
            "error.stack_trace",
            "stack_trace",
            "stacktrace",
            "attributes.exception.stacktrace",
            "exception.stacktrace",
            "error.stack",
        ],
    ),
];

/// Types that hold a value whole.
const WHOLE: [&str; 6] = [
    "keyword",
    "constant_keyword",
    "wildcard",
    "flattened",
    "flat_object",
    "version",
];
/// Types that hold a value as words.
const WORDS: [&str; 3] = ["text", "match_only_text", "search_as_you_type"];
/// Sub-fields that hold the whole value of a text, as dynamic mapping and Logstash's templates make them.
const WHOLE_SUBFIELDS: [&str; 2] = ["keyword", "raw"];

/// Names that a person gave to roles.
pub(super) type Overrides = BTreeMap<Role, String>;

/// Reads `time=ts,message=line`.
pub(super) fn overrides(text: &str) -> Result<Overrides, String> {
    let known = ROLES.map(|(_, name, _)| name).join(", ");
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, field) = pair
                .split_once('=')
                .ok_or_else(|| format!("'{pair}' is no pair such as message=log"))?;
            let role = ROLES.iter().find(|(_, known, _)| *known == name.trim());
            let (role, ..) = role.ok_or_else(|| format!("'{name}' is none of {known}"))?;
            Ok((*role, field.trim().to_owned()))
        })
        .collect()
}

/// How a time field sorts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimeKind {
    /// `date`.
    Milliseconds,
    /// `date_nanos`.
    Nanoseconds,
    /// `date` in one index, `date_nanos` in another: sorted as nanoseconds on request.
    Mixed,
}

/// How a name can be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Matchable {
    /// A field that holds it whole.
    Whole(String),
    /// A field that holds it as words only: `shop` is also found in `shop-eu`, so that the answer is looked through again.
    Words(String),
}

/// The fields of an index pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fields {
    /// The field of time.
    pub(super) time: String,
    pub(super) time_kind: TimeKind,
    names: BTreeMap<Role, Vec<Matchable>>,
    overrides: Overrides,
}

/// What `_field_caps` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Discovery {
    /// No index matches.
    NoIndex,
    /// Indices match, but none has a field of time.
    NoTime,
    /// The fields.
    Fields(Box<Fields>),
}

/// The fields to ask for: every name of every role, its sub-fields, and the objects above it, which may be flattened.
pub(super) fn wanted(overrides: &Overrides) -> String {
    let mut wanted = Vec::new();
    for (role, _, names) in ROLES {
        for name in overrides
            .get(&role)
            .map(String::as_str)
            .into_iter()
            .chain(names.iter().copied())
        {
            wanted.push(name.to_owned());
            if matches!(role, Role::Namespace | Role::Cluster) {
                wanted.extend(WHOLE_SUBFIELDS.map(|sub| format!("{name}.{sub}")));
                wanted.extend(parents(name).map(str::to_owned));
            }
        }
    }
    wanted.sort();
    wanted.dedup();
    wanted.join(",")
}

/// The objects above a field, the nearest last.
fn parents(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('.').filter_map(|(at, _)| name.get(..at))
}

impl Discovery {
    /// Reads the answer of `_field_caps`.
    pub(super) fn read(answer: &Value, overrides: &Overrides) -> Self {
        let no_index = answer
            .get("indices")
            .and_then(Value::as_array)
            .is_some_and(Vec::is_empty);
        if no_index {
            return Self::NoIndex;
        }
        let caps = Caps(answer.get("fields").unwrap_or(&Value::Null));
        let given = overrides.get(&Role::Time).map(String::as_str);
        let [(_, _, usual), ..] = ROLES;
        let names: Vec<&str> = given.map_or_else(|| usual.to_vec(), |name| vec![name]);
        let Some((time, time_kind)) = names.iter().find_map(|name| Some((*name, caps.time_kind(name)?)))
        else {
            return Self::NoTime;
        };
        let names = ROLES.iter().map(|(role, _, usual)| {
            let own = overrides.get(role).map(String::as_str);
            let all = own.into_iter().chain(usual.iter().copied());
            (*role, all.flat_map(|name| caps.matchable(name)).collect())
        });
        Self::Fields(Box::new(Fields {
            time: time.to_owned(),
            time_kind,
            names: names.collect(),
            overrides: overrides.clone(),
        }))
    }
}

/// The `fields` of an answer.
struct Caps<'a>(&'a Value);

impl Caps<'_> {
    fn is_one_of(&self, name: &str, types: &[&str]) -> bool {
        let found = self.0.get(name).and_then(Value::as_object);
        found.is_some_and(|found| found.keys().any(|it| types.contains(&it.as_str())))
    }

    fn time_kind(&self, name: &str) -> Option<TimeKind> {
        match (
            self.is_one_of(name, &["date"]),
            self.is_one_of(name, &["date_nanos"]),
        ) {
            (true, true) => Some(TimeKind::Mixed),
            (true, false) => Some(TimeKind::Milliseconds),
            (false, true) => Some(TimeKind::Nanoseconds),
            (false, false) => None,
        }
    }

    /// The ways to ask for a field's value; several where indices map it differently.
    fn matchable(&self, name: &str) -> Vec<Matchable> {
        let flattened = |parent| self.is_one_of(parent, &["flattened", "flat_object"]);
        let mut ways = Vec::new();
        if self.is_one_of(name, &WHOLE) || parents(name).any(flattened) {
            ways.push(Matchable::Whole(name.to_owned()));
        }
        if self.is_one_of(name, &WORDS) {
            let subfields = WHOLE_SUBFIELDS.map(|sub| format!("{name}.{sub}"));
            let whole = subfields.into_iter().find(|sub| self.is_one_of(sub, &WHOLE));
            ways.push(whole.map_or_else(|| Matchable::Words(name.to_owned()), Matchable::Whole));
        }
        ways
    }
}

impl Fields {
    /// The names under which documents may hold what plays a role.
    pub(super) fn names(&self, role: Role) -> Vec<&str> {
        let own = self.overrides.get(&role).map(String::as_str);
        let usual = ROLES.iter().find(|(it, ..)| *it == role);
        let usual = usual.into_iter().flat_map(|(_, _, names)| names.iter().copied());
        own.into_iter().chain(usual).collect()
    }

    /// A filter for a name, over every field that may hold it; `None` when no field does.
    pub(super) fn name_filter(&self, role: Role, name: &str) -> Option<Value> {
        let ways = self.names.get(&role).filter(|ways| !ways.is_empty())?;
        let clauses: Vec<Value> = ways
            .iter()
            .map(|way| match way {
                Matchable::Whole(field) => json!({"term": {field: name}}),
                Matchable::Words(field) => json!({"match_phrase": {field: name}}),
            })
            .collect();
        Some(json!({"bool": {"should": clauses, "minimum_should_match": 1}}))
    }

    /// The fields in use, for people: `time @timestamp, message log, namespace kubernetes.namespace_name.keyword`.
    pub(super) fn told(&self) -> String {
        let [message, namespace] = [Role::Message, Role::Namespace].map(|role| {
            let way = self.names.get(&role).and_then(|ways| ways.first());
            way.map_or("none", |way| match way {
                Matchable::Whole(field) | Matchable::Words(field) => field,
            })
        });
        format!("time {}, message {message}, namespace {namespace}", self.time)
    }
}
