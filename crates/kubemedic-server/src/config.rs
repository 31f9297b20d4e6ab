//! What the edge is told when it is built. It reads no environment and binds no port.

use std::{sync::Arc, time::Duration};

use kubemedic_ports::{clock::Clock, cluster::ContextInfo, log_source::LogSource};
use metrics_exporter_prometheus::PrometheusHandle;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::serve::DEFAULT_PATIENCE;

/// The most bytes of a request body, also after inflation, where nothing else is configured: 32 MiB.
pub const DEFAULT_MAX_BODY_BYTES: usize = 32 * 1024 * 1024;

/// The names under which a machine reaches itself: the default of `ALLOWED_HOSTS`.
pub const LOOPBACK_HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The settings of both ports.
#[derive(Debug, Clone)]
pub struct EdgeConfig {
    /// Tells the time: sessions and webhook signatures are bound to it.
    pub clock: Arc<dyn Clock>,
    /// `API_TOKEN`; `None`: no request needs one.
    pub api_token: Option<SecretString>,
    /// What the token's owner is called: the rater and approver where a request names none.
    pub token_name: Option<String>,
    /// `ALLOWED_HOSTS`: exact names or addresses, `*.example.com`, or `*` for any.
    pub allowed_hosts: Vec<String>,
    /// `CORS_ALLOWED_ORIGINS`, such as `https://console.example.com`.
    pub cors_allowed_origins: Vec<String>,
    /// `WEBHOOK_SECRET`: then unsigned webhooks are refused.
    pub webhook_secret: Option<SecretString>,
    /// `MAX_BODY_BYTES`, also after inflation.
    pub max_body_bytes: usize,
    /// `CLIENT_TIMEOUT_SECONDS`: how long a client that is sending a body may send nothing.
    pub client_patience: Duration,
    /// The version that `/` and the OpenAPI document tell.
    pub version: String,
    /// Where approved commands run; `None`: nothing is executed.
    pub execution: Option<ContextInfo>,
    /// The backend's address as people reach it, such as `http://localhost:8000`.
    pub backend_url: String,
    /// The approval server's address as people reach it, such as `http://localhost:3100`.
    pub approval_url: String,
    /// The configured log sources, the default first.
    pub log_sources: Vec<Arc<dyn LogSource>>,
    /// Renders `/metrics`; `None`: nothing is measured.
    pub metrics: Option<PrometheusHandle>,
    /// Cancelled when the process shuts down: open streams end.
    pub shutdown: CancellationToken,
}

impl EdgeConfig {
    /// The settings of an unconfigured process on one machine: loopback names, no token, nothing is executed.
    pub fn loopback(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            api_token: None,
            token_name: None,
            allowed_hosts: LOOPBACK_HOSTS.map(str::to_owned).to_vec(),
            cors_allowed_origins: Vec::new(),
            webhook_secret: None,
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
            client_patience: DEFAULT_PATIENCE,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            execution: None,
            backend_url: "http://localhost:8000".to_owned(),
            approval_url: "http://localhost:3100".to_owned(),
            log_sources: Vec::new(),
            metrics: None,
            shutdown: CancellationToken::new(),
        }
    }
}
