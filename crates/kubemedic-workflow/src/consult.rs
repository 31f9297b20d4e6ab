//! Asks a language model what the engine has just decided about, and lets through what holds. Every consultation ends: with a
//! value that was grounded by the engine, or with the reason why the engine's answer stands alone.
//! It decides nothing itself: what of an answer holds is `engine::grounding`, what a model may cost is `models`.

mod analysis;
mod blocks;
mod conversation;
pub mod examination;
mod experience;
mod monitoring;
pub(crate) mod narration;
mod remediation;

use std::sync::Arc;

use kubemedic_engine::{
    grounding::{Briefing, Chosen, Disagreement, Grounded, Opinion, fence, reply},
    intake::Intake,
    monitoring::Monitoring,
    redaction::{Redactor, rules::Rules},
};
use kubemedic_model::{
    consultation::{Consultation, ConsultationOutcome, MAX_DROPPED},
    diagnosis::Diagnosis,
    event::Agent,
    usage::ModelSpending,
};
use kubemedic_ports::chat_model::{AnswerSchema, ChatRequest, Effort, OnDelta, ToolSpec, Turn};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tracing::Instrument;

use crate::{
    models::{Meter, Models},
    prompts::{Given, PromptError, Prompts},
    tasks::{Scope, Unfinished},
};
use conversation::{Conversation, Functions, Line};
pub use experience::Experience;
pub use remediation::Draft;

/// The most characters of a reason that the journal keeps.
const MAX_REASON_CHARS: usize = 400;

/// How models are asked.
#[derive(Debug, Clone, PartialEq)]
pub struct ConsultSettings {
    /// The prompts.
    pub prompts: Arc<Prompts>,
    /// The most tokens of an answer, thinking included (`MAX_TOKENS`).
    pub max_tokens: u32,
    /// Sent only where somebody set it (`TEMPERATURE`).
    pub temperature: Option<f64>,
    /// The most characters of evidence in a prompt (`MODEL_CONTEXT_CHARS`).
    pub context_chars: usize,
}

impl Default for ConsultSettings {
    fn default() -> Self {
        Self {
            prompts: Arc::default(),
            max_tokens: 8192,
            temperature: None,
            context_chars: 24_000,
        }
    }
}

/// What the engine read of a case.
#[derive(Debug, Clone)]
pub struct Case {
    /// The records and objects, redacted.
    pub intake: Arc<Intake>,
    /// The findings.
    pub monitoring: Arc<Monitoring>,
    /// A word that nobody who wrote the evidence can know: it marks where quoted data ends.
    pub boundary: String,
    /// Earlier incidents that are alike, one value each.
    pub past: Vec<Value>,
}

/// What became of a consultation.
#[derive(Debug, Clone)]
pub struct Consulted<T> {
    /// What the model added, as far as it held; `None`: the engine's answer stands.
    pub value: Option<T>,
    /// For the journal: one for each agent that asked.
    pub records: Vec<Consultation>,
}

/// Asks models on behalf of the agents.
#[derive(Debug, Clone)]
pub struct Consultant {
    models: Arc<Models>,
    settings: ConsultSettings,
    rules: Arc<Rules>,
    scope: Scope,
}

/// One question with everything that belongs to it.
struct Question<'a> {
    agent: Agent,
    system: &'static str,
    user: &'static str,
    schema: &'static str,
    given: Given,
    functions: Option<(Vec<ToolSpec>, Functions<'a>)>,
}

impl Consultant {
    /// Asks these models, so.
    pub fn new(models: Arc<Models>, settings: ConsultSettings, scope: Scope) -> Self {
        Self {
            models,
            settings,
            rules: Arc::default(),
            scope,
        }
    }

    /// The same with the user's own rules of redaction.
    pub fn with_redaction_rules(mut self, rules: Arc<Rules>) -> Self {
        self.rules = rules;
        self
    }

    /// Whether an agent has a model at all.
    pub fn has_model(&self, agent: Agent) -> bool {
        self.models.is_configured(agent)
    }

    /// Asks, checks, asks once more where something can be mended, and keeps what holds.
    async fn ask<T, U>(
        &self,
        meter: &Meter,
        question: Question<'_>,
        ground: impl Fn(T) -> Grounded<U> + Clone + Send + 'static,
        on_delta: OnDelta<'_>,
    ) -> Consulted<U>
    where
        T: DeserializeOwned + JsonSchema + Send + 'static,
        U: Send + 'static,
    {
        let agent = question.agent;
        let before = meter.spent();
        let span = tracing::info_span!(
            "invoke_agent",
            otel.name = format!("invoke_agent {}", agent.as_str()),
            gen_ai.operation.name = "invoke_agent",
            gen_ai.agent.name = agent.as_str(),
        );
        let line = Line {
            models: &self.models,
            meter,
            agent,
        };
        let mut talk = match self.open::<T>(line, &question) {
            Ok(talk) => talk,
            Err(error) => return not_used(agent, error.to_string()),
        };
        let held = self
            .converse(&mut talk, &question, ground, on_delta)
            .instrument(span)
            .await;
        let (value, dropped, disagreement, outcome) = match held {
            Ok(held) => {
                let (model, from_cache) = talk.answered.unwrap_or_default();
                let dropped = held.dropped.iter().take(MAX_DROPPED);
                (
                    Some(held.value),
                    dropped.map(|it| told(&it.what)).collect(),
                    held.disagreement.as_ref().map(disagreement_told),
                    ConsultationOutcome::Used { model, from_cache },
                )
            }
            Err(reason) => (
                None,
                Vec::new(),
                None,
                ConsultationOutcome::NotUsed {
                    reason: told(&reason),
                },
            ),
        };
        Consulted {
            value,
            records: vec![Consultation {
                agent,
                outcome,
                spending: meter.spent().since(before),
                dropped,
                disagreement,
                notes: talk.notes.iter().map(|it| told(it)).collect(),
            }],
        }
    }

    /// Two tries: the second only where the first can be mended. What held of the first counts where the second fails.
    async fn converse<T, U>(
        &self,
        talk: &mut Conversation<'_>,
        question: &Question<'_>,
        ground: impl Fn(T) -> Grounded<U> + Clone + Send + 'static,
        on_delta: OnDelta<'_>,
    ) -> Result<Grounded<U>, String>
    where
        T: DeserializeOwned + Send + 'static,
        U: Send + 'static,
    {
        let functions = question.functions.as_ref().map(|(_, functions)| *functions);
        let text = talk
            .answer(functions, on_delta)
            .await
            .map_err(|it| it.to_string())?;
        let first = self.grounded(text, ground.clone()).await;
        let complaints = match &first {
            Ok(held) if held.repair.is_empty() => return first,
            Ok(held) => held.repair.join("\n"),
            Err(complaint) => complaint.clone(),
        };
        let complaints = fence(&question.given.boundary, "what is wrong", &complaints);
        let given = Given {
            complaints,
            ..question.given.clone()
        };
        let repair = self
            .settings
            .prompts
            .render("repair.md", &given)
            .map_err(|it| it.to_string())?;
        talk.say(repair);
        let second = match talk.answer(functions, on_delta).await {
            Ok(text) => self.grounded(text, ground).await,
            Err(error) => Err(error.to_string()),
        };
        second.or_else(|reason| first.map_err(|_| reason))
    }

    /// Reads an answer and checks it, off the runtime.
    async fn grounded<T, U>(
        &self,
        text: String,
        ground: impl Fn(T) -> Grounded<U> + Send + 'static,
    ) -> Result<Grounded<U>, String>
    where
        T: DeserializeOwned + Send + 'static,
        U: Send + 'static,
    {
        let mut redactor = Redactor::with_rules(self.rules.clone());
        let work = move || reply::parse::<T>(&redacted(&text, &mut redactor)).map(ground);
        let done = self.scope.compute(work).await;
        let read = done.map_err(|unfinished| unfinished.to_string())?;
        read.map_err(|error| format!("the answer is not in the asked form: {error}"))
    }

    fn open<'a, T: JsonSchema>(
        &self,
        line: Line<'a>,
        question: &Question<'_>,
    ) -> Result<Conversation<'a>, PromptError> {
        let prompts = &self.settings.prompts;
        let given = &question.given;
        let request = ChatRequest {
            system: prompts.render(question.system, given)?,
            turns: vec![Turn::User {
                text: prompts.render(question.user, given)?,
            }],
            schema: Some(AnswerSchema {
                name: question.schema.to_owned(),
                schema: reply::schema_of::<T>(),
            }),
            tools: question
                .functions
                .as_ref()
                .map(|(specs, _)| specs.clone())
                .unwrap_or_default(),
            max_tokens: self.settings.max_tokens,
            temperature: self.settings.temperature,
            effort: Effort::Default,
            boundary: given.boundary.clone(),
        };
        Ok(Conversation::open(
            line,
            request,
            prompts.render("enough.md", given)?,
        ))
    }

    /// What the prompts of every agent are given of a case, and the briefing that a reply is checked against.
    async fn brief(&self, case: &Case, diagnosis: &Diagnosis) -> Result<(Given, Arc<Briefing>), Unfinished> {
        let (case, diagnosis, budget) = (case.clone(), diagnosis.clone(), self.settings.context_chars);
        let work = move || {
            let briefing = Briefing::of(&case.intake, &case.monitoring, &diagnosis, budget);
            (blocks::given(&case, &diagnosis, &briefing), Arc::new(briefing))
        };
        self.scope.compute(work).await
    }
}

/// An answer without secrets: what a model makes up may look like one. What is no JSON is refused anyway.
fn redacted(text: &str, redactor: &mut Redactor) -> String {
    let Ok(mut answer) = serde_json::from_str::<Value>(text) else {
        return redactor.redact(text).into_owned();
    };
    redactor.redact_json(&mut answer);
    answer.to_string()
}

/// A consultation that did not come about.
fn not_used<U>(agent: Agent, reason: impl Into<String>) -> Consulted<U> {
    Consulted {
        value: None,
        records: vec![Consultation {
            agent,
            outcome: ConsultationOutcome::NotUsed {
                reason: told(&reason.into()),
            },
            spending: ModelSpending::default(),
            dropped: Vec::new(),
            disagreement: None,
            notes: Vec::new(),
        }],
    }
}

/// Words that may quote a provider, for the journal.
fn told(words: &str) -> String {
    let cut: String = words.chars().take(MAX_REASON_CHARS).collect();
    Redactor::default().redact(&cut).into_owned()
}

/// Both opinions, which one stands first, and why.
fn disagreement_told(disagreement: &Disagreement) -> String {
    let opinion = |it: &Opinion| {
        let what = it.class.map_or(it.verdict.as_str(), |class| class.id());
        let object = it
            .object
            .as_ref()
            .map(|object| format!(" of {object}"))
            .unwrap_or_default();
        format!("{what}{object} ({:.0} %)", it.confidence.get() * 100.0)
    };
    let first = match disagreement.decided_for {
        Chosen::Engine => "the engine's stands first",
        Chosen::Model => "the model's stands first",
    };
    told(&format!(
        "the engine says {}, the model {}; {first}: {}",
        opinion(&disagreement.engine),
        opinion(&disagreement.model),
        disagreement.reason
    ))
}
