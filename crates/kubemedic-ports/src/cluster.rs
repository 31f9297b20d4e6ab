//! The cluster in which authorised commands run.

use async_trait::async_trait;
use kubemedic_model::approval::AuthorizedCommand;

/// What kubectl did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandOutput {
    /// Its exit code; `None` when it was ended by a signal or by the time limit.
    pub exit_code: Option<i32>,
    /// What it printed on both streams, capped. Not yet redacted.
    pub output: String,
    /// Whether it was ended because it took too long.
    pub timed_out: bool,
}

/// A context of the kubeconfig, for the person who approves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextInfo {
    /// The context's name.
    pub context: String,
    /// The cluster's name in the kubeconfig.
    pub cluster: String,
    /// The API server's address.
    pub server: String,
}

/// Why a command did not run.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No `EXECUTE_CONTEXT` is configured.
    #[error("nothing is executed: EXECUTE_CONTEXT names no kubeconfig context")]
    NotConfigured,
    /// The context is not there.
    #[error("kubeconfig context '{context}' is not usable: {reason}")]
    BadContext {
        /// The context.
        context: String,
        /// Why.
        reason: String,
    },
    /// kubectl could not be started.
    #[error("kubectl could not be started: {reason}")]
    NotStarted {
        /// Why, and the way out.
        reason: String,
    },
}

/// Runs authorised commands. There is no other way to run one.
#[async_trait]
pub trait Cluster: Send + Sync + std::fmt::Debug {
    /// The context in which commands run; `None`: nothing is executed.
    fn context(&self) -> Option<&ContextInfo>;

    /// Runs the command in its context and waits for it.
    ///
    /// # Errors
    /// [`ClusterError`] when kubectl was not started. A failing kubectl is not an error but an output.
    async fn execute(&self, command: &AuthorizedCommand) -> Result<CommandOutput, ClusterError>;
}
