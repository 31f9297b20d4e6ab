//! Executions and what came of them.

use serde::{Deserialize, Serialize};

/// How far the execution of an approved command is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionState {
    /// No execution context is configured: nothing runs.
    NotConfigured,
    /// Approved, waits for its turn.
    Waiting,
    /// The intent is in the journal; kubectl was or will be started.
    Running,
    /// kubectl ended with 0.
    Succeeded,
    /// kubectl could not be started, ended with another code, or took too long.
    Failed,
    /// Not run, because an earlier change failed.
    Skipped,
    /// The process ended between intent and result: nobody knows, and it is never run again.
    Unknown,
}

impl ExecutionState {
    /// Whether it will not change any more.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

/// The execution of one command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// How far it is.
    pub state: ExecutionState,
    /// kubectl's exit code.
    pub exit_code: Option<i32>,
    /// kubectl's output, capped and redacted; or why it was not run.
    pub output: Option<String>,
}

impl Execution {
    /// An execution in a state, with nothing to show.
    pub fn in_state(state: ExecutionState) -> Self {
        Self {
            state,
            exit_code: None,
            output: None,
        }
    }
}

/// Whether a plan helped, as a person or a check saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The incident is over.
    Resolved,
    /// It is better.
    Improved,
    /// Nothing changed.
    Unchanged,
    /// It is worse.
    Worsened,
}
