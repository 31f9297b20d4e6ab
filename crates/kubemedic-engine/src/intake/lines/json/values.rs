//! What single values of JSON lines tell: severities in the numbers and words of some programs, statuses, times.

use jiff::Timestamp;
use kubemedic_model::log::Severity;

use super::scan::Node;
use crate::intake::{severity, timestamp};

/// A severity as word or number.
pub(super) fn level_of(node: Node<'_>) -> Option<Severity> {
    match node {
        Node::Text(raw) => {
            let text = raw.text();
            severity::of_value(&text).or_else(|| of_mongodb(&text))
        }
        _ => node.as_u64().map(severity::of_number),
    }
}

/// The severity among the tags that Kibana and `OpenSearch` Dashboards write: `["error","opensearch","data"]`.
pub(super) fn of_tags(tags: &str) -> Option<Severity> {
    tags.trim_matches(['[', ']'])
        .split(',')
        .map(|tag| tag.trim().trim_matches('"'))
        .filter(|tag| matches!(*tag, "fatal" | "error" | "warning" | "warn" | "info" | "debug"))
        .find_map(severity::of_word)
}

/// MongoDB's `D1` to `D5`.
pub(super) fn of_mongodb(word: &str) -> Option<Severity> {
    matches!(word.as_bytes(), [b'D', b'1'..=b'5']).then_some(Severity::Debug)
}

/// Nextcloud counts from debug at 0 to fatal at 4.
pub(super) fn of_nextcloud(number: u64) -> Severity {
    match number {
        0 => Severity::Debug,
        1 => Severity::Info,
        2 => Severity::Warn,
        3 => Severity::Error,
        _ => Severity::Fatal,
    }
}

/// An HTTP status as number or text.
pub(super) fn status_of(node: Node<'_>) -> Option<u64> {
    match node {
        Node::Text(raw) => raw.raw().parse().ok().filter(|_| raw.raw().len() == 3),
        _ => node.as_u64(),
    }
}

/// A time as text or number.
pub(super) fn time_of(node: Node<'_>) -> Option<Timestamp> {
    match node {
        Node::Text(raw) => timestamp::whole(&raw.text()),
        Node::Number(number) => {
            timestamp::from_digits(number).or_else(|| timestamp::from_number(number.parse().ok()?))
        }
        _ => None,
    }
}
