//! Starting, listing and watching workflows.

use std::sync::Arc;

use kubemedic_engine::redaction::Redactor;
use kubemedic_model::{
    event::{Agent, AgentStatus, WorkflowEvent, WorkflowFact},
    evidence_object::{EvidenceObject, Logs, WorkflowInput},
    id::WorkflowId,
    workflow::{WorkflowStatus, WorkflowSummary},
};
use kubemedic_ports::journal::{ApprovalFilter, JournalError, WorkflowFilter, Write};

use crate::{
    core::Core,
    events::{event, working},
    log_sources,
    queue::Job,
    stream::{self, Opened, StreamError},
    tasks::Unfinished,
};

/// What a client posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submission {
    /// Any text.
    Text(String),
    /// The JSON of an evidence object (CONTRACT.md section 3).
    Evidence(String),
}

/// Why a workflow was not started. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is nothing to work on.
    #[error("the request body is blank: send log text or an evidence object")]
    Blank,
    /// It has so many tiny lines that reading them would take many times their size in memory.
    #[error(
        "the input has {0} lines of a few bytes each: beyond {MANY_LINES} lines they must have {FEW_BYTES} bytes on average: \
         leave out what says nothing, or send it in parts"
    )]
    TinyLines(usize),
    /// The JSON is not an evidence object.
    #[error("{0}")]
    BadEvidence(String),
    /// The evidence asks for a source that is not configured or cannot be read.
    #[error("{0}")]
    Source(String),
    /// The server is stopping.
    #[error(transparent)]
    Stopping(Unfinished),
    /// The journal did not take it.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// A workflow with the ids of its approvals.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkflowDetails {
    /// What lists show.
    pub summary: WorkflowSummary,
    /// Its approvals.
    pub approvals: Vec<String>,
}

/// Starting, listing and watching workflows.
#[derive(Debug)]
pub struct Workflows {
    core: Arc<Core>,
}

impl Workflows {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Fetches what the input's source names, redacts the input, makes it durable and starts the agents.
    ///
    /// # Errors
    /// [`StartError`]; then nothing was stored.
    pub async fn start(&self, submission: Submission) -> Result<WorkflowId, StartError> {
        let core = &self.core;
        let mut input = {
            let _room = core.receiving.acquire().await;
            self.compute(move || read(submission)).await??
        };
        // Fetched before anything is stored: what is durable is the evidence itself, which a restart finds as it was.
        let fetched = match &mut input {
            WorkflowInput::Evidence(evidence) => log_sources::fill(core, evidence).await?,
            WorkflowInput::Text(_) => None,
        };
        let redactor = core.config.redact.then(|| core.redactor());
        let (input, told) = {
            let _room = core.receiving.acquire().await;
            self.compute(move || redact(input, fetched, redactor)).await?
        };
        let id = WorkflowId::new(core.ports.ids.fresh());
        let summary = summary(id, &input, core.now());
        let writes = vec![
            Write::CreateWorkflow {
                summary: Box::new(summary),
                input,
            },
            Write::AppendEvents {
                workflow_id: id,
                after: 0,
                events: first_events(id, &told),
            },
        ];
        // Even when the answer is lost or the client gone: what is in the journal is worked on.
        let _woken = core.queue.wake_at_end(Job::Workflow(id));
        core.commit(writes).await?;
        metrics::counter!("kubemedic_workflows_started_total").increment(1);
        Ok(id)
    }

    /// Works off the runtime.
    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, StartError> {
        let done = self.core.scope.compute(work).await;
        done.map_err(|unfinished| match unfinished {
            Unfinished::Panicked(_) => StartError::BadEvidence(unfinished.to_string()),
            Unfinished::Stopping => StartError::Stopping(unfinished),
        })
    }

    /// One workflow.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn details(&self, id: WorkflowId) -> Result<Option<WorkflowDetails>, JournalError> {
        let core = &self.core;
        let Some(summary) = core.journal().workflow(id).await? else {
            return Ok(None);
        };
        let filter = ApprovalFilter {
            workflow_id: Some(id),
            ..ApprovalFilter::default()
        };
        let ours = core.journal().approvals(&filter).await?;
        let mut approvals: Vec<String> = ours.into_iter().map(|it| it.id.to_string()).collect();
        let learnt: Vec<String> = core.with_ledger(|ledger| {
            let records = ledger.records_of_workflow(id);
            records
                .flat_map(|it| &it.approval_ids)
                .map(ToString::to_string)
                .collect()
        });
        for approval in learnt {
            if !approvals.contains(&approval) {
                approvals.push(approval);
            }
        }
        Ok(Some(WorkflowDetails { summary, approvals }))
    }

    /// Workflows, the newest first.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn list(&self, filter: &WorkflowFilter) -> Result<Vec<WorkflowSummary>, JournalError> {
        self.core.journal().workflows(filter).await
    }

    /// Opens a stream after a position. `follow` keeps it open until the workflow is closed.
    ///
    /// # Errors
    /// [`StreamError`].
    pub async fn open_stream(
        &self,
        id: WorkflowId,
        after: Option<u64>,
        follow: bool,
    ) -> Result<Opened, StreamError> {
        stream::open(&self.core, id, after, follow).await
    }
}

/// Reads what was posted.
fn read(submission: Submission) -> Result<WorkflowInput, StartError> {
    let input = match submission {
        Submission::Text(text) if is_blank(&text) => return Err(StartError::Blank),
        // What rotation and a full disk leave in files: no content.
        Submission::Text(text) if text.contains('\0') => WorkflowInput::Text(text.replace('\0', "")),
        Submission::Text(text) => WorkflowInput::Text(text),
        Submission::Evidence(json) if json.trim().is_empty() => return Err(StartError::Blank),
        Submission::Evidence(json) => WorkflowInput::Evidence(Box::new(evidence(&without_nul(json))?)),
    };
    tiny_lines(&input).map_or(Ok(input), |lines| Err(StartError::TinyLines(lines)))
}

/// Takes the secrets out, where a redactor is given. Returns also what the first event tells about it and about what was fetched.
fn redact(
    input: WorkflowInput,
    fetched: Option<String>,
    redactor: Option<Redactor>,
) -> (WorkflowInput, String) {
    let mut told = fetched.map(|fetched| format!("; {fetched}")).unwrap_or_default();
    let Some(mut redactor) = redactor else {
        return (input, told);
    };
    let input = redactor.redact_input(input);
    told = redactor.redact(&told).into_owned();
    let secrets = match redactor.replaced() {
        0 => String::new(),
        1 => "; 1 secret was replaced".to_owned(),
        count => format!("; {count} secrets were replaced"),
    };
    (input, told + &secrets)
}

/// So many lines are read whatever their length.
const MANY_LINES: usize = 3_000_000;
/// The least bytes that further lines must have on average: an entry in memory costs some hundred beside its text.
const FEW_BYTES: usize = 10;

/// How many lines an input has, if they are too many and too short: no program writes such a log.
fn tiny_lines(input: &WorkflowInput) -> Option<usize> {
    let of_text = |text: &str| (text.lines().count(), text.len());
    let (lines, bytes) = match input {
        WorkflowInput::Text(text) => of_text(text),
        WorkflowInput::Evidence(evidence) => match &evidence.logs {
            Some(Logs::Text(text)) => of_text(text),
            Some(Logs::ByService(services)) => services.values().fold((0, 0), |(count, bytes), lines| {
                (
                    count + lines.len(),
                    bytes + lines.iter().map(String::len).sum::<usize>(),
                )
            }),
            None => (0, 0),
        },
    };
    (lines > MANY_LINES && bytes / FEW_BYTES < lines).then_some(lines)
}

fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c == '\0')
}

/// What NUL becomes in JSON: stores and programs behind this one may take it for the end of a text.
const REPLACEMENT: &str = "\u{fffd}";

/// JSON text whose strings have no NUL, in whatever form.
fn without_nul(json: String) -> String {
    const ESCAPED: &str = "\\u0000";
    if !json.contains(ESCAPED) {
        return json;
    }
    let mut clean = String::with_capacity(json.len());
    let mut rest = json.as_str();
    while let Some((before, escape)) = rest.find('\\').and_then(|at| rest.split_at_checked(at)) {
        clean.push_str(before);
        rest = if let Some(after) = escape.strip_prefix(ESCAPED) {
            clean.push_str(REPLACEMENT);
            after
        } else {
            // The backslash and what it escapes, which may be another backslash.
            let end = escape.char_indices().nth(2).map_or(escape.len(), |(at, _)| at);
            let (kept, after) = escape.split_at_checked(end).unwrap_or((escape, ""));
            clean.push_str(kept);
            after
        };
    }
    clean.push_str(rest);
    clean
}

fn evidence(json: &str) -> Result<EvidenceObject, StartError> {
    let evidence: EvidenceObject = serde_json::from_str(json)
        .map_err(|error| StartError::BadEvidence(format!("the body is not an evidence object: {error}")))?;
    if !evidence.has_evidence() {
        let why = "an evidence object needs at least one of logs, kubectl, objects, alerts, source";
        return Err(StartError::BadEvidence(why.into()));
    }
    evidence.source.as_ref().map_or(Ok(()), log_sources::check)?;
    Ok(evidence)
}

fn summary(id: WorkflowId, input: &WorkflowInput, now: jiff::Timestamp) -> WorkflowSummary {
    let (cluster, namespace) = match input {
        WorkflowInput::Text(_) => (None, None),
        WorkflowInput::Evidence(evidence) => (evidence.cluster.clone(), evidence.namespace.clone()),
    };
    WorkflowSummary {
        id,
        status: WorkflowStatus::Running,
        created_at: now,
        closed_at: None,
        cluster,
        namespace,
        verdict: None,
        failure_class: None,
        root_cause: None,
        last_sequence: 0,
        retired: false,
        attempts: 0,
        top_templates: Vec::new(),
    }
}

fn first_events(id: WorkflowId, told: &str) -> Vec<WorkflowEvent> {
    let agent = Agent::OrchestratorAgent;
    let started = WorkflowEvent {
        fact: Some(WorkflowFact::Started),
        ..event(
            "workflow.started",
            agent,
            AgentStatus::Working,
            format!("Workflow {id} started: the input is stored{told}"),
        )
    };
    let monitoring = working(
        Agent::MonitoringAgent,
        "the input",
        "Reading the input for errors and warnings",
    );
    vec![started, monitoring]
}

#[cfg(test)]
mod tests;
