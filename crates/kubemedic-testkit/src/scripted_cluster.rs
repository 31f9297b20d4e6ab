//! A cluster that answers what a test tells it to and remembers what it was asked.

use std::{collections::VecDeque, sync::Mutex};

use async_trait::async_trait;
use kubemedic_model::approval::AuthorizedCommand;
use kubemedic_ports::cluster::{Cluster, ClusterError, CommandOutput, ContextInfo};

use crate::lock;

/// A cluster by script. Without a scripted answer a command succeeds and prints `ok`.
#[derive(Debug, Default)]
pub struct ScriptedCluster {
    context: Option<ContextInfo>,
    answers: Mutex<VecDeque<CommandOutput>>,
    executed: Mutex<Vec<Vec<String>>>,
}

impl ScriptedCluster {
    /// A cluster in which nothing is executed.
    pub fn without_context() -> Self {
        Self::default()
    }

    /// A cluster with a context of that name and a cluster of the same name.
    pub fn with_context(name: &str) -> Self {
        Self {
            context: Some(ContextInfo {
                context: name.to_owned(),
                cluster: name.to_owned(),
                server: "https://cluster.example:6443".into(),
            }),
            ..Self::default()
        }
    }

    /// Tells what the next command without an answer yet does.
    pub fn answer(&self, exit_code: Option<i32>, output: &str) {
        lock(&self.answers).push_back(CommandOutput {
            exit_code,
            output: output.to_owned(),
            timed_out: exit_code.is_none(),
        });
    }

    /// The argv of every command that ran, in order.
    pub fn executed(&self) -> Vec<Vec<String>> {
        lock(&self.executed).clone()
    }
}

#[async_trait]
impl Cluster for ScriptedCluster {
    fn context(&self) -> Option<&ContextInfo> {
        self.context.as_ref()
    }

    async fn execute(&self, command: &AuthorizedCommand) -> Result<CommandOutput, ClusterError> {
        if self.context.is_none() {
            return Err(ClusterError::NotConfigured);
        }
        lock(&self.executed).push(command.command().argv().to_vec());
        Ok(lock(&self.answers).pop_front().unwrap_or(CommandOutput {
            exit_code: Some(0),
            output: "ok".into(),
            timed_out: false,
        }))
    }
}
