//! Asking language models without a server: what `diagnose` and `eval` do with `--model`, `--record` and `--replay`.
//! What is asked and what holds of the answers is the workflow crate's.

use std::{fmt::Write, path::Path, sync::Arc};

use anyhow::{Context, anyhow};
use kubemedic_adapters::system::{RandomIds, SystemClock};
use kubemedic_engine::redaction::rules::Rules;
use kubemedic_model::{
    consultation::{Consultation, ConsultationOutcome},
    digest::sha256,
    usage::ModelSpending,
};
use kubemedic_ports::{clock::Clock, id_source::IdSource};
use kubemedic_workflow::{
    consult::{Case, Consultant, examination::Examined},
    engine::Engine,
    models::Meter,
    tasks::Scope,
};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};

use crate::{
    cli::Asking,
    config::{ModelConfig, Sources, models::AGENT_SETTINGS},
    examination::Read,
    wiring::{self, models::Recording},
};

/// The word for the models of the settings.
const CONFIGURED: &str = "configured";
/// The length of the word around quoted data.
const BOUNDARY_CHARS: usize = 16;

/// Models that are asked about one case after the other.
#[derive(Debug, Clone)]
pub struct Consulting {
    consultant: Consultant,
    clock: Arc<dyn Clock>,
    scope: Scope,
    at_a_time: usize,
}

/// What engine and models say of a case.
#[derive(Debug)]
pub struct Consulted {
    /// Both answers.
    pub examined: Examined,
    /// What it cost.
    pub spent: ModelSpending,
    /// How long it took, the engine's part included.
    pub milliseconds: f64,
}

impl Consulting {
    /// The models of the flags; `None` where no model is to be asked.
    ///
    /// # Errors
    /// When the flags or the settings of models are not usable, or a transcript cannot be opened.
    pub fn of_command(asking: &Asking, rules: &Arc<Rules>) -> anyhow::Result<Option<Self>> {
        let Some(config) = config(asking)? else {
            return Ok(None);
        };
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let models = wiring::models::models(&config, rules, &clock, Recording::Anew)?;
        let scope = Scope::new();
        Ok(Some(Self {
            consultant: Consultant::new(Arc::new(models), config.consulting, scope.clone()),
            clock,
            scope,
            at_a_time: config.limits.concurrency,
        }))
    }

    /// Asks about cases, some at a time. The answers come in the order of the cases; each is told when it is there.
    ///
    /// # Errors
    /// When the engine's own work on a case ended unexpectedly.
    pub fn ask(&self, cases: Vec<Read>, told: &dyn Fn()) -> anyhow::Result<Vec<Consulted>> {
        tokio::runtime::Runtime::new()?.block_on(self.ask_all(cases, told))
    }

    async fn ask_all(&self, cases: Vec<Read>, told: &dyn Fn()) -> anyhow::Result<Vec<Consulted>> {
        let places = Arc::new(Semaphore::new(self.at_a_time.max(1)));
        let (tell, mut heard) = mpsc::unbounded_channel();
        let mut answers: Vec<Option<Consulted>> = Vec::new();
        for (number, read) in cases.into_iter().enumerate() {
            answers.push(None);
            let (this, places, tell) = (self.clone(), places.clone(), tell.clone());
            self.scope.spawn("case", async move {
                // The semaphore is never closed.
                let _place = places.acquire().await.ok();
                let _ = tell.send((number, this.ask_one(&read).await));
            });
        }
        drop(tell);
        while let Some((number, answer)) = heard.recv().await {
            if let Some(place) = answers.get_mut(number) {
                *place = Some(answer?);
            }
            told();
        }
        let answers = answers.into_iter();
        answers
            .map(|answer| answer.context("the work on a case ended unexpectedly"))
            .collect()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "measuring engine and models is what the command is for"
    )]
    async fn ask_one(&self, read: &Read) -> anyhow::Result<Consulted> {
        let began = std::time::Instant::now();
        let meter = Meter::new(ModelSpending::default(), self.clock.clone());
        let case = Case {
            intake: read.intake.clone(),
            monitoring: read.monitoring.clone(),
            boundary: boundary(),
            past: Vec::new(),
        };
        let examined = self
            .consultant
            .examine(&case, &meter, Engine::default(), &mut |_| {})
            .await
            .map_err(|unfinished| anyhow!("{unfinished}"))?;
        Ok(Consulted {
            examined,
            spent: meter.spent(),
            milliseconds: began.elapsed().as_secs_f64() * 1000.0,
        })
    }
}

/// The settings of models with the flags over them; `None` where no model is to be asked.
fn config(asking: &Asking) -> anyhow::Result<Option<ModelConfig>> {
    let spec = match (&asking.model, &asking.replay) {
        (Some(spec), _) => spec.trim(),
        (None, Some(_)) => CONFIGURED,
        (None, None) => return Ok(None),
    };
    if spec.eq_ignore_ascii_case("none") {
        return Ok(None);
    }
    let mut sources = Sources::read(Path::new("."))?;
    let files = [
        ("MODEL_RECORD_FILE", &asking.record),
        ("MODEL_REPLAY_FILE", &asking.replay),
    ];
    let any = files.iter().any(|(_, file)| file.is_some());
    for (name, file) in files {
        if any {
            let text = file.as_ref().map(|it| it.to_string_lossy().into_owned());
            sources.set_flag(name, text.unwrap_or_default());
        }
    }
    if spec != CONFIGURED {
        for (_, setting) in AGENT_SETTINGS {
            sources.set_flag(setting, spec.to_owned());
        }
        sources.set_flag("MODEL_FALLBACKS", String::new());
        sources.set_flag("MODEL_PROVIDER", "none".to_owned());
    }
    let config = ModelConfig::load(&sources)?;
    if config.chains.is_empty() && config.replay_file.is_none() {
        return Err(anyhow!(
            "no language model is configured: set a key (see 'kubemedic settings'), or name one, such as --model ollama:qwen3:8b"
        ));
    }
    Ok(Some(config))
}

/// A word that nobody who wrote the evidence could know.
fn boundary() -> String {
    let digest = sha256(RandomIds.fresh().as_bytes());
    digest.chars().rev().take(BOUNDARY_CHARS).collect()
}

/// What a case cost, as a form of JSON.
pub fn spending(spent: &ModelSpending) -> Value {
    json!({
        "calls": spent.calls,
        "tokens": {
            "input": spent.usage.input_tokens,
            "output": spent.usage.output_tokens,
            "reasoning": spent.usage.reasoning_tokens,
            "cached": spent.usage.cached_tokens,
        },
        "micro_dollars": spent.micro_dollars,
    })
}

/// What became of a consultation, in a line for people.
pub fn told(consultation: &Consultation) -> String {
    let mut line = match &consultation.outcome {
        ConsultationOutcome::Used { model, from_cache } => {
            let cache = if *from_cache { ", from the cache" } else { "" };
            format!("{} asked {model}{cache}", consultation.agent.as_str())
        }
        ConsultationOutcome::NotUsed { reason } => {
            format!(
                "{}: the engine alone, because {reason}",
                consultation.agent.as_str()
            )
        }
    };
    if !consultation.dropped.is_empty() {
        let _ = write!(line, "; {} claims were refused", consultation.dropped.len());
    }
    if let Some(disagreement) = &consultation.disagreement {
        line.push_str("; ");
        line.push_str(disagreement);
    }
    line
}
