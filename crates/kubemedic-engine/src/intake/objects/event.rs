//! Events, of `v1` and of `events.k8s.io/v1`.

use kubemedic_model::{
    evidence::Origin,
    resource::{Kind, ResourceRef},
    snapshot::event::ClusterEvent,
};
use serde_json::Value;

use super::field::{at, number, text, time};

/// Reads an event.
pub(super) fn read(value: &Value, origin: &Origin) -> ClusterEvent {
    let involved = at(value, "involvedObject").or_else(|| at(value, "regarding"));
    let first = |paths: &[&str]| paths.iter().find_map(|path| text(value, path));
    let when = |paths: &[&str]| paths.iter().find_map(|path| time(value, path));
    ClusterEvent {
        warning: text(value, "type").as_deref() == Some("Warning"),
        reason: text(value, "reason").unwrap_or_default(),
        message: first(&["message", "note"]).unwrap_or_default(),
        object: involved.and_then(object),
        component: first(&[
            "source/component",
            "reportingComponent",
            "reportingController",
            "deprecatedSource/component",
        ]),
        count: ["series/count", "count", "deprecatedCount"]
            .iter()
            .find_map(|path| number(value, path))
            .unwrap_or(1),
        age_seconds: None,
        first_seen: when(&[
            "firstTimestamp",
            "deprecatedFirstTimestamp",
            "eventTime",
            "metadata/creationTimestamp",
        ]),
        last_seen: when(&[
            "series/lastObservedTime",
            "lastTimestamp",
            "deprecatedLastTimestamp",
            "eventTime",
            "metadata/creationTimestamp",
        ]),
        origin: origin.clone(),
    }
}

/// The object that an event is about.
fn object(involved: &Value) -> Option<ResourceRef> {
    let kind = Kind::parse(&text(involved, "kind")?);
    let namespace = text(involved, "namespace");
    Some(ResourceRef::new(
        kind,
        namespace.as_deref(),
        text(involved, "name")?,
    ))
}
