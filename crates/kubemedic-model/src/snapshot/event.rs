//! Kubernetes events.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{evidence::Origin, resource::ResourceRef};

/// One event, with its repetitions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClusterEvent {
    /// Whether its type is `Warning`.
    pub warning: bool,
    /// The machine-readable reason, such as `BackOff`.
    pub reason: String,
    /// The message.
    pub message: String,
    /// The object that it is about; `None` for an event line that does not tell.
    pub object: Option<ResourceRef>,
    /// The component that reported it.
    pub component: Option<String>,
    /// How often it was seen.
    pub count: u64,
    /// Seconds since it was last seen, where a table tells.
    pub age_seconds: Option<u64>,
    /// When it was first seen.
    pub first_seen: Option<Timestamp>,
    /// When it was last seen.
    pub last_seen: Option<Timestamp>,
    /// Where it was read.
    pub origin: Origin,
}
