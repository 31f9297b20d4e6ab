//! What stands between an agent and the wire of a language model: transcript, cache, budgets, breakers, places, deadlines, retries
//! and fallbacks. It does not know what is asked; whatever happens here, the workflow goes on with the engine's answer.
//!
//! A question ([`Models::chat`]) passes these in order:
//!
//! 1. A **transcript** that is replayed answers alone; nothing goes on the wire.
//! 2. The **cache** knows identical questions: those that differ only in the random word around quoted data are identical.
//! 3. The **chain** of the agent's models. Each has a share of the time that the workflow's models have left. Before each request:
//!    the **breaker** of the model, a **place** at its provider, and room in the **budgets** for an estimate of the question.
//! 4. After a failure that may pass, the same model is asked **again** after a wait, as long as the retries of the whole process
//!    suffice. A failure that cannot pass gives the model up at once.
//!
//! What an answer cost is counted by its figures. A request that failed after the model had worked (cut short, blocked, unreadable,
//! too late) counts with the estimate of its question, and with its whole limit of tokens where it was cut short by that.

mod breaker;
mod budget;
mod cache;
mod chain;
mod meter;
mod not_used;
mod prices;
mod question;
mod retry;
mod slot;
mod telemetry;
mod told;
mod transcript;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use kubemedic_engine::redaction::rules::Rules;
use kubemedic_model::{event::Agent, usage::ModelSpending};
use kubemedic_ports::{
    chat_model::{ChatModel, ChatReply, ChatRequest, ModelName, OnDelta, Provider},
    clock::Clock,
};
use serde::de::IgnoredAny;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub use breaker::BreakerState;
pub use budget::{Budget, OverBudget, Period, Unit};
pub use meter::Meter;
pub use not_used::NotUsed;
pub use prices::{BadPrice, Price, Prices};
pub use slot::ModelStatus;
pub use transcript::{BadTranscript, Transcript, TranscriptBuffer, TranscriptEntry, TranscriptOutcome};

use budget::{DayBook, lock};
use cache::{Cache, Kept};
use chain::{Ask, Link};
use question::Question;
use retry::RetryBucket;
use slot::Slot;
use told::Told;

/// The models of each agent: the first, then its fallbacks.
pub type Chains = BTreeMap<Agent, Vec<Arc<dyn ChatModel>>>;

/// How models are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelsConfig {
    /// How long one request may take.
    pub call_timeout: Duration,
    /// How long the models of one workflow may take together, from its first question.
    pub workflow_timeout: Duration,
    /// How often a model is asked again for one answer.
    pub max_retries: u32,
    /// The most requests under way at a time, for each provider.
    pub concurrency: usize,
    /// The limits of spending.
    pub budget: Budget,
    /// How many answers are kept for identical questions; 0: none.
    pub cache_entries: usize,
    /// What models cost.
    pub prices: Prices,
}

impl Default for ModelsConfig {
    /// 60 seconds for a request and 180 for a workflow, two retries, eight requests at a time, 256 answers in the cache, no budget.
    fn default() -> Self {
        Self {
            call_timeout: Duration::from_mins(1),
            workflow_timeout: Duration::from_mins(3),
            max_retries: 2,
            concurrency: 8,
            budget: Budget::default(),
            cache_entries: 256,
            prices: Prices::default(),
        }
    }
}

/// An answer that may be used.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The answer, whole.
    pub reply: ChatReply,
    /// The model that gave it.
    pub by: ModelName,
    /// What it cost, failed tries included.
    pub spent: ModelSpending,
    /// Whether it came from the cache and cost nothing.
    pub from_cache: bool,
    /// What happened on the way, such as a fallback to another model.
    pub notes: Vec<String>,
}

/// The models of a process.
#[derive(Debug)]
pub struct Models {
    config: ModelsConfig,
    chains: BTreeMap<Agent, Vec<Link>>,
    slots: BTreeMap<ModelName, Arc<Slot>>,
    clock: Arc<dyn Clock>,
    day: DayBook,
    cache: Mutex<Cache>,
    retries: RetryBucket,
    transcript: Option<Transcript>,
    rules: Arc<Rules>,
    questions: AtomicU64,
    stopping: CancellationToken,
}

impl Models {
    /// The models of the agents. An agent without a chain has none.
    pub fn new(config: ModelsConfig, chains: Chains, clock: Arc<dyn Clock>) -> Self {
        let places = config.concurrency.clamp(1, Semaphore::MAX_PERMITS);
        let mut gates: BTreeMap<Provider, Arc<Semaphore>> = BTreeMap::new();
        let mut slots: BTreeMap<ModelName, Arc<Slot>> = BTreeMap::new();
        let mut link = |model: Arc<dyn ChatModel>| {
            let name = model.name().clone();
            let gate = gates
                .entry(name.provider)
                .or_insert_with(|| Arc::new(Semaphore::new(places)));
            let slot = slots.entry(name.clone()).or_insert_with(|| {
                let price = config.prices.of(&name);
                Arc::new(Slot::new(name, price, Arc::clone(gate)))
            });
            Link {
                model,
                slot: Arc::clone(slot),
            }
        };
        let chains: BTreeMap<_, Vec<_>> = chains
            .into_iter()
            .map(|(agent, models)| (agent, models.into_iter().map(&mut link).collect()))
            .collect();
        Self {
            cache: Mutex::new(Cache::new(config.cache_entries)),
            config,
            chains,
            slots,
            day: DayBook::new(clock.now()),
            clock,
            retries: RetryBucket::default(),
            transcript: None,
            rules: Arc::default(),
            questions: AtomicU64::new(0),
            stopping: CancellationToken::new(),
        }
    }

    /// No model at all: every question ends with [`NotUsed::NotConfigured`].
    pub fn none() -> Self {
        Self::new(ModelsConfig::default(), Chains::new(), Arc::new(NoTime))
    }

    /// The same with a transcript that is written, or that answers in place of the models.
    pub fn with_transcript(mut self, transcript: Transcript) -> Self {
        self.transcript = Some(transcript);
        self
    }

    /// The same with the user's own rules of redaction for what providers say of failures.
    pub fn with_redaction_rules(mut self, rules: Arc<Rules>) -> Self {
        self.rules = rules;
        self
    }

    /// Adds what today has been spent before this process began, so that a restart gives no new budget.
    pub fn add_spent_today(&self, spent: ModelSpending) {
        self.day.add(self.clock.now(), spent);
    }

    /// Whether an agent has somebody to ask.
    pub fn is_configured(&self, agent: Agent) -> bool {
        match self.transcript.as_ref().filter(|it| it.is_replaying()) {
            Some(transcript) => transcript.answers_for(agent),
            None => self.chains.get(&agent).is_some_and(|links| !links.is_empty()),
        }
    }

    /// What the current UTC day has spent.
    pub fn spending_today(&self) -> ModelSpending {
        self.day.spent(self.clock.now())
    }

    /// How every model is, by name.
    pub fn status(&self) -> Vec<ModelStatus> {
        self.slots.values().map(|slot| slot.status()).collect()
    }

    /// Ends every question under way, and every further one, with [`NotUsed::Stopping`].
    pub fn stop(&self) {
        self.stopping.cancel();
    }

    /// One answer: from the transcript, the cache or the agent's models in turn. `on_delta` hears its pieces; a
    /// [`Delta::Restart`](kubemedic_ports::chat_model::Delta::Restart) takes back what a failed try told. Dropping the future gives
    /// everything back that it holds.
    ///
    /// # Errors
    /// [`NotUsed`] says why in a sentence for a person.
    pub async fn chat(
        &self,
        agent: Agent,
        request: &ChatRequest,
        meter: &Meter,
        on_delta: OnDelta<'_>,
    ) -> Result<Answered, NotUsed> {
        let question = Question::of(agent, request);
        if let Some(replayed) = self
            .transcript
            .as_ref()
            .and_then(|it| it.answer(&question.digest))
        {
            replayed.deltas.into_iter().for_each(on_delta);
            meter.add(replayed.spent);
            self.day.add(self.clock.now(), replayed.spent);
            return replayed.result;
        }
        let Some(links) = self.chains.get(&agent).filter(|links| !links.is_empty()) else {
            return Err(NotUsed::NotConfigured);
        };
        let is_recording = self.transcript.as_ref().is_some_and(Transcript::is_recording);
        let count = self.questions.fetch_add(1, Ordering::Relaxed);
        let mut ask = Ask {
            models: self,
            agent,
            question: &question,
            request,
            meter,
            deadline: meter.deadline(self.config.workflow_timeout),
            seed: format!("{}\n{count}", question.digest),
            told: Told::new(on_delta, is_recording),
            spent: ModelSpending::default(),
            notes: Vec::new(),
        };
        let answer = self.answer(&mut ask, links);
        let result = self.stopping.run_until_cancelled(answer).await;
        let result = result.unwrap_or(Err(NotUsed::Stopping));
        if let Err(not_used) = &result {
            telemetry::not_used(agent, not_used.kind());
        }
        self.record(ask, &result);
        result
    }

    async fn answer(&self, ask: &mut Ask<'_, '_>, links: &[Link]) -> Result<Answered, NotUsed> {
        let key = ask.question.digest_to(links.iter().map(|it| &it.slot.name));
        let kept = lock(&self.cache).get(&key);
        if let Some(kept) = kept {
            telemetry::cache_hit(ask.agent);
            kept.deltas.into_iter().for_each(|delta| ask.told.hear(delta));
            return Ok(Answered {
                reply: kept.reply,
                by: kept.by,
                spent: ModelSpending::default(),
                from_cache: true,
                notes: vec![
                    "the same question was answered before: the answer is from the cache and cost nothing"
                        .to_owned(),
                ],
            });
        }
        self.retries.question();
        let (reply, by) = ask.through(links).await?;
        if may_be_kept(ask.request, &reply) {
            let kept = Kept {
                reply: reply.clone(),
                by: by.clone(),
                deltas: ask.told.last_try(),
            };
            lock(&self.cache).put(key, kept);
        }
        Ok(Answered {
            reply,
            by,
            spent: ask.spent,
            from_cache: false,
            notes: std::mem::take(&mut ask.notes),
        })
    }

    fn record(&self, ask: Ask<'_, '_>, result: &Result<Answered, NotUsed>) {
        let Some(transcript) = self.transcript.as_ref() else {
            return;
        };
        if *result == Err(NotUsed::Stopping) {
            return;
        }
        transcript.write(&TranscriptEntry {
            digest: ask.question.digest.clone(),
            agent: ask.agent,
            request: ask.request.clone(),
            outcome: TranscriptOutcome::of(result),
            spent: ask.spent,
            deltas: ask.told.everything(),
        });
    }
}

/// The clock where there is nothing to time.
#[derive(Debug)]
struct NoTime;

impl Clock for NoTime {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

/// Whether an answer is good enough to be given again: what should be JSON is.
fn may_be_kept(request: &ChatRequest, reply: &ChatReply) -> bool {
    request.schema.is_none()
        || !reply.calls.is_empty()
        || serde_json::from_str::<IgnoredAny>(&reply.text).is_ok()
}

#[cfg(test)]
mod tests;
