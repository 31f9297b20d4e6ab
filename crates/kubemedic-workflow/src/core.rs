//! What all services share: the ports, the engine, the journal's one door for writing, and the work of this process.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

use jiff::Timestamp;
use kubemedic_engine::{
    learning::ranker::Hyper,
    redaction::{Redactor, rules::Rules},
};
use kubemedic_model::{
    event::{RecordedEvent, WorkflowEvent},
    id::WorkflowId,
    workflow::WorkflowSummary,
};
use kubemedic_ports::{
    approval_gateway::ApprovalGateway,
    clock::Clock,
    cluster::Cluster,
    embedder::Embedder,
    feedback_file::FeedbackFile,
    id_source::IdSource,
    journal::{Committed, Journal, JournalError, Transaction, Write},
    ledger_snapshots::LedgerSnapshots,
    log_source::LogSource,
    notifier::Notifier,
};
use tokio::sync::{OnceCell, Semaphore};

use crate::{
    consult::{ConsultSettings, Consultant},
    engine::Engine,
    feedback::LedgerKeeper,
    hub::Hub,
    machine,
    models::Models,
    outbox::OutboxState,
    past::{PastKeeper, Senses},
    planning_room::PlanningRoom,
    queue::Queue,
    stream::{Told, tell},
    tasks::Scope,
};

/// The outside world, as the workflow sees it.
#[derive(Debug, Clone)]
pub struct Ports {
    /// The one journal.
    pub journal: Arc<dyn Journal>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn IdSource>,
    /// Where approved commands run.
    pub cluster: Arc<dyn Cluster>,
    /// Another approval server (`MCP_SERVER_URL`); `None`: the built-in one.
    pub gateway: Option<Arc<dyn ApprovalGateway>>,
    /// Who is told of decisions (`BACKEND_WEBHOOK_URL`); `None`: nobody.
    pub notifier: Option<Arc<dyn Notifier>>,
    /// The JSON lines file of feedback records.
    pub feedback_file: Arc<dyn FeedbackFile>,
    /// The newest snapshot of what was learnt.
    pub snapshots: Arc<dyn LedgerSnapshots>,
    /// The configured log sources, the default first.
    pub log_sources: Vec<Arc<dyn LogSource>>,
    /// The language models that agents may ask; [`Models::none`] where there are none.
    pub models: Arc<Models>,
    /// What turns texts into vectors (`EMBEDDING_MODEL`); `None`: likeness is lexical.
    pub embedder: Option<Arc<dyn Embedder>>,
}

/// How the services work.
#[derive(Debug, Clone, PartialEq)]
pub struct ServicesConfig {
    /// How long an approval can be decided, in seconds (`APPROVAL_TTL_SECONDS`).
    pub approval_ttl_seconds: u32,
    /// How long inputs and events of closed workflows are kept, in days (`RETENTION_DAYS`).
    pub retention_days: u32,
    /// Whether secrets are taken out before anything is stored.
    pub redact: bool,
    /// The user's own rules of redaction (`REDACTION_RULES_FILE`).
    pub redaction_rules: Arc<Rules>,
    /// How many workflows are planned at a time.
    pub workers: usize,
    /// How language models are asked.
    pub consulting: ConsultSettings,
    /// The constants of learning (`LEARNING_SHARE`).
    pub learning: Hyper,
    /// After how many feedback events what was learnt is kept in a snapshot; where there are many, after a tenth of them.
    pub snapshot_events: u64,
}

impl Default for ServicesConfig {
    fn default() -> Self {
        Self {
            approval_ttl_seconds: 14_400,
            retention_days: 30,
            redact: true,
            redaction_rules: Arc::default(),
            workers: 2,
            consulting: ConsultSettings::default(),
            learning: Hyper::default(),
            snapshot_events: 10_000,
        }
    }
}

/// Shared by all services of a process.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) ports: Ports,
    pub(crate) config: ServicesConfig,
    pub(crate) engine: Engine,
    pub(crate) consultant: Consultant,
    pub(crate) hub: Hub,
    pub(crate) queue: Queue,
    pub(crate) scope: Scope,
    pub(crate) ledger: LedgerKeeper,
    pub(crate) outbox: OutboxState,
    /// Bounds the inputs that are in memory for planning.
    pub(crate) planning: PlanningRoom,
    /// Bounds the inputs that are redacted at a time.
    pub(crate) receiving: Semaphore,
    /// The workflows that an earlier process left unfinished: perhaps one of them ended it.
    pub(crate) inherited: OnceLock<BTreeSet<WorkflowId>>,
    /// Whether the engine has built what it builds once.
    pub(crate) warm: OnceCell<bool>,
    /// Bounds the answers of log sources that are in memory at a time.
    pub(crate) fetching: Semaphore,
    /// What earlier workflows showed.
    pub(crate) past: PastKeeper,
    /// What is known of the embedder.
    pub(crate) senses: Senses,
}

/// A workflow as it stands: its summary and the state that its events lead to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    pub(crate) summary: WorkflowSummary,
    pub(crate) state: machine::State,
}

/// How often a workflow that changes while it is read is read anew. More means that its parts do not belong together.
const MAX_READS: u32 = 100;
/// The most fetches from log sources at a time.
const MAX_FETCHES: usize = 4;
/// Events that are read at a time.
const EVENTS_AT_A_TIME: u32 = 64;

impl Core {
    pub(crate) fn new(ports: Ports, config: ServicesConfig, engine: Engine) -> Self {
        let ledger = LedgerKeeper::of(&config.learning);
        let workers = config.workers.max(1);
        let scope = Scope::new();
        let consultant = Consultant::new(ports.models.clone(), config.consulting.clone(), scope.clone())
            .with_redaction_rules(config.redaction_rules.clone());
        Self {
            consultant,
            planning: PlanningRoom::new(workers),
            receiving: Semaphore::new(workers),
            ports,
            config,
            engine,
            hub: Hub::default(),
            queue: Queue::default(),
            scope,
            ledger,
            outbox: OutboxState::default(),
            inherited: OnceLock::new(),
            warm: OnceCell::new(),
            fetching: Semaphore::new(MAX_FETCHES),
            past: PastKeeper::default(),
            senses: Senses::default(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// A redactor that has seen nothing and follows the user's rules.
    pub(crate) fn redactor(&self) -> Redactor {
        Redactor::with_rules(Arc::clone(&self.config.redaction_rules))
    }

    pub(crate) fn journal(&self) -> &dyn Journal {
        self.ports.journal.as_ref()
    }

    /// Writes a transaction, then tells everybody in this process whom it concerns.
    pub(crate) async fn commit(&self, writes: Vec<Write>) -> Result<Committed, JournalError> {
        let delivers = writes.iter().any(|write| matches!(write, Write::PutDelivery(_)));
        let at = whole_micros(self.now());
        let mut told = self.told(at, &writes);
        let committed = self.journal().commit(Transaction { at, writes }).await?;
        for (id, newest) in &committed.events {
            self.hub
                .publish(*id, *newest, told.remove(id).unwrap_or_default());
        }
        if let Some(newest) = committed.feedback.last() {
            self.catch_up_with_feedback(*newest).await;
        }
        if delivers {
            self.outbox.work.notify_one();
        }
        Ok(committed)
    }

    /// The events of a transaction as streams show them, for the workflows that somebody reads.
    fn told(&self, at: Timestamp, writes: &[Write]) -> BTreeMap<WorkflowId, Vec<Told>> {
        let mut told: BTreeMap<WorkflowId, Vec<Told>> = BTreeMap::new();
        for write in writes {
            if let Write::AppendEvents {
                workflow_id,
                after,
                events,
            } = write
                && self.hub.is_read(*workflow_id)
            {
                let numbered = (after + 1..).zip(events);
                let lines = numbered.map(|(sequence, event)| tell(*workflow_id, sequence, at, event));
                told.entry(*workflow_id).or_default().extend(lines);
            }
        }
        told
    }

    /// Appends events to a workflow that stands so, together with its summary and other writes. Returns how it stands then: the
    /// journal takes them only where nobody else was faster.
    pub(crate) async fn append(
        &self,
        standing: Standing,
        events: Vec<WorkflowEvent>,
        others: Vec<Write>,
    ) -> Result<Standing, JournalError> {
        let Standing { mut summary, state } = standing;
        let numbered = (summary.last_sequence + 1..).zip(&events);
        let state = numbered.fold(state, |state, (sequence, event)| {
            machine::apply_event(state, sequence, event)
        });
        self.commit(change(summary.clone(), events, others)).await?;
        summary.last_sequence = state.last_sequence;
        Ok(Standing { summary, state })
    }

    /// Brings a state up to the newest event.
    pub(crate) async fn top_up(
        &self,
        id: WorkflowId,
        state: &mut machine::State,
    ) -> Result<(), JournalError> {
        loop {
            let after = state.last_sequence;
            let events = self.journal().events(id, after, EVENTS_AT_A_TIME).await?;
            let is_last = events.len() < EVENTS_AT_A_TIME as usize;
            *state = fold_on(std::mem::take(state), &events);
            if is_last {
                return Ok(());
            }
        }
    }

    /// A workflow with its state, both of the same moment.
    pub(crate) async fn standing(
        &self,
        id: WorkflowId,
        mut state: machine::State,
    ) -> Result<Option<Standing>, JournalError> {
        for _ in 0..MAX_READS {
            let Some(summary) = self.journal().workflow(id).await? else {
                return Ok(None);
            };
            if summary.retired {
                state.closed = true;
                return Ok(Some(Standing { summary, state }));
            }
            self.top_up(id, &mut state).await?;
            if summary.last_sequence == state.last_sequence {
                return Ok(Some(Standing { summary, state }));
            }
        }
        Err(JournalError::Corrupt {
            reason: format!("workflow {id} has other events than its summary counts: restore a backup"),
        })
    }
}

/// A time as the journal keeps it, so that a live event and its replay are the same text.
fn whole_micros(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}

/// The writes that append events to a workflow.
pub(crate) fn change(summary: WorkflowSummary, events: Vec<WorkflowEvent>, others: Vec<Write>) -> Vec<Write> {
    let append = Write::AppendEvents {
        workflow_id: summary.id,
        after: summary.last_sequence,
        events,
    };
    let mut writes = vec![append, Write::UpdateWorkflow(Box::new(summary))];
    writes.extend(others);
    writes
}

fn fold_on(state: machine::State, events: &[RecordedEvent]) -> machine::State {
    events.iter().fold(state, machine::apply)
}
