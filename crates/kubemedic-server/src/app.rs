//! What every handler of a port may use. It holds no state of its own: that is in the services.

use std::sync::Arc;

use bytes::Bytes;
use kubemedic_workflow::services::Services;

use crate::{body::BodyLimits, config::EdgeConfig};

/// Which port a router serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Port {
    /// 8000: workflows, logs, feedback.
    Backend,
    /// 3100: proposing and deciding.
    Approval,
}

/// The services and settings behind a port.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) port: Port,
    pub(crate) services: Services,
    pub(crate) config: EdgeConfig,
    /// What request bodies may cost.
    pub(crate) bodies: BodyLimits,
    /// The OpenAPI document as JSON.
    pub(crate) openapi: Bytes,
}

impl Edge {
    /// The address of this port as people reach it.
    pub(crate) fn public_url(&self) -> &str {
        match self.port {
            Port::Backend => &self.config.backend_url,
            Port::Approval => &self.config.approval_url,
        }
    }
}

/// Shared by all handlers of a port.
pub(crate) type App = Arc<Edge>;
