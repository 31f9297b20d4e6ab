//! Everything that an edge may ask for, in one value.

use std::sync::Arc;

use crate::{approvals::Approvals, feedback::Feedback, workflows::Workflows};

/// The services behind both ports.
#[derive(Debug, Clone)]
pub struct Services {
    /// Starting, listing and watching workflows.
    pub workflows: Arc<Workflows>,
    /// Proposing and deciding.
    pub approvals: Arc<Approvals>,
    /// Judging, and what was learnt.
    pub feedback: Arc<Feedback>,
}

/// Why work would not go on now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotReady {
    /// What is not ready, such as `journal`.
    pub part: &'static str,
    /// Why.
    pub reason: String,
}

impl Services {
    /// What is not ready; empty when everything is.
    pub async fn readiness(&self) -> Vec<NotReady> {
        Vec::new()
    }
}
