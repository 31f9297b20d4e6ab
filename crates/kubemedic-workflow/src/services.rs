//! Everything that an edge may ask for, in one value, and the work in the background that belongs to it.

use std::sync::Arc;

use kubemedic_model::approval::ApprovalStatus;
use kubemedic_ports::journal::{ApprovalFilter, JournalError};

pub use crate::core::{Ports, ServicesConfig};
use crate::{
    approvals::Approvals, core::Core, dispatcher, engine::Engine, execution, feedback::Feedback,
    log_sources::LogSources, models::Models, outbox, poller, queue::Job, retention, spending,
    workflows::Workflows,
};

/// The services behind both ports.
#[derive(Debug, Clone)]
pub struct Services {
    /// Starting, listing and watching workflows.
    pub workflows: Arc<Workflows>,
    /// Proposing and deciding.
    pub approvals: Arc<Approvals>,
    /// Judging, and what was learnt.
    pub feedback: Arc<Feedback>,
    /// Fetching logs.
    pub log_sources: Arc<LogSources>,
    core: Arc<Core>,
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
    /// The services over the ports. Nothing happens in the background before [`Self::start`].
    pub fn build(config: ServicesConfig, ports: Ports) -> Self {
        Self::with_engine(config, ports, Engine::default())
    }

    /// The same with other decisions in place of the engine's.
    pub fn with_engine(config: ServicesConfig, ports: Ports, engine: Engine) -> Self {
        let core = Arc::new(Core::new(ports, config, engine));
        Self {
            workflows: Arc::new(Workflows::new(core.clone())),
            approvals: Arc::new(Approvals::new(core.clone())),
            feedback: Arc::new(Feedback::new(core.clone())),
            log_sources: Arc::new(LogSources::new(core.clone())),
            core,
        }
    }

    /// Rebuilds what is kept in memory, takes up every workflow that is not finished and starts the background work.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read; then nothing was started.
    pub async fn start(&self) -> Result<(), JournalError> {
        self.core.rebuild_ledger().await?;
        spending::restore(&self.core).await?;
        self.core.rebuild_past().await?;
        self.resume_all().await?;
        let scope = &self.core.scope;
        scope.spawn("dispatcher", dispatcher::run(self.core.clone()));
        scope.spawn("outbox", outbox::run(self.core.clone()));
        scope.spawn("expiry", retention::expire_approvals(self.core.clone()));
        scope.spawn("retention", retention::retire_workflows(self.core.clone()));
        scope.spawn("snapshots", retention::keep_snapshots(self.core.clone()));
        if self.core.ports.gateway.is_some() {
            scope.spawn("poller", poller::run(self.core.clone()));
        }
        Ok(())
    }

    async fn resume_all(&self) -> Result<(), JournalError> {
        let unfinished = self.core.journal().unfinished().await?;
        self.core
            .inherited
            .get_or_init(|| unfinished.iter().copied().collect());
        for id in unfinished {
            self.core.queue.wake(Job::Workflow(id));
        }
        for status in [ApprovalStatus::Approved, ApprovalStatus::PartiallyApproved] {
            let filter = ApprovalFilter {
                status: Some(status),
                ..ApprovalFilter::default()
            };
            let approvals = self.core.journal().approvals(&filter).await?;
            let mut orphans = approvals.into_iter().filter(|it| it.workflow_id.is_none());
            orphans.by_ref().filter(execution::is_open).for_each(|approval| {
                self.core.queue.wake(Job::Approval(approval.id));
            });
        }
        Ok(())
    }

    /// Stops: a step under way is ended first, an execution is never cancelled. What is unfinished goes on at the next start.
    pub async fn shutdown(&self) {
        self.core.ports.models.stop();
        self.core.scope.shut_down().await;
    }

    /// Waits until no workflow is being worked on: each is closed or waits for a person or another server.
    pub async fn settle(&self) {
        self.core.queue.idle().await;
    }

    /// Tries every delivery that is due now, without waiting for the background task.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn deliver_due(&self) -> Result<(), JournalError> {
        outbox::deliver_due(&self.core).await
    }

    /// Retires workflows that are old enough now, without waiting for the background task.
    pub async fn retire_old(&self) {
        retention::retire(&self.core).await;
    }

    /// Keeps a snapshot of what was learnt where one is due now, without waiting for the background task.
    pub async fn keep_snapshot(&self) {
        self.core.keep_snapshot().await;
    }

    /// Asks the other approval server for decisions now, without waiting for the background task.
    pub async fn poll_decisions(&self) {
        poller::poll(&self.core).await;
    }

    /// The language models that agents may ask, and how each is.
    pub fn models(&self) -> &Models {
        &self.core.ports.models
    }

    /// What is not ready; empty when everything is.
    pub async fn readiness(&self) -> Vec<NotReady> {
        let mut reasons = Vec::new();
        if let Err(error) = self.core.journal().check().await {
            reasons.push(NotReady {
                part: "journal",
                reason: error.to_string(),
            });
        }
        if self.core.scope.is_stopping() {
            reasons.push(NotReady {
                part: "workflows",
                reason: "shutting down".into(),
            });
        }
        reasons
    }
}
