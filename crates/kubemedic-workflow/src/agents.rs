//! What the agents say: the engine's values in the shapes of CONTRACT.md ("Agent results"), and the lines between.

pub mod analysis;
pub mod kubectl_command;
pub mod monitoring;
pub mod remediation;

use jiff::Timestamp;
use kubemedic_model::{diagnosis::RootCause, finding::Priority};

/// The word for how grave something of a priority is.
pub(crate) fn severity_word(priority: Priority) -> &'static str {
    match priority {
        Priority::P0 => "CRITICAL",
        Priority::P1 => "HIGH",
        Priority::P2 => "MEDIUM",
        Priority::P3 => "LOW",
    }
}

/// The pod or workload that a root cause is about, for people.
pub(crate) fn service_of(cause: &RootCause) -> String {
    let workload = cause.workload.as_ref().map(|it| &it.resource);
    let object = workload.or(cause.object.as_ref());
    object.map_or_else(|| "cluster".to_owned(), |it| it.name.clone())
}

/// The namespace of a root cause's object.
pub(crate) fn namespace_of(cause: &RootCause) -> Option<String> {
    let workload = cause
        .workload
        .as_ref()
        .and_then(|it| it.resource.namespace.clone());
    workload.or_else(|| cause.object.as_ref().and_then(|it| it.namespace.clone()))
}

/// A time as the contract writes it.
pub(crate) fn time(at: Option<Timestamp>, otherwise: Timestamp) -> String {
    at.unwrap_or(otherwise).to_string()
}
