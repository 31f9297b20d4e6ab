//! The part of `verify` about language models: who is asked, whether each provider takes the key and knows the model,
//! what that may cost. Nothing is asked of a model.

use std::{fmt::Write, sync::Arc, time::Duration};

use kubemedic_adapters::{embeddings::EmbeddingSpec, system::SystemClock};
use kubemedic_model::event::Agent;
use kubemedic_ports::{
    chat_model::{ChatError, ChatModel, ModelName},
    clock::Clock,
};
use kubemedic_workflow::{
    models::{Budget, Price},
    prompts,
};

use super::Found;
use crate::{
    config::{
        ModelConfig,
        models::{Accounts, replacement},
    },
    wiring::{self, models::Recording},
};

/// How long a provider may take to say whether it knows a model.
const PATIENCE: Duration = Duration::from_secs(10);

/// Everything about models, one line each.
pub(super) async fn check(config: &ModelConfig) -> Vec<Found> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    if let Err(error) = wiring::models::models(config, &Arc::default(), &clock, Recording::Continued) {
        return vec![Found::Bad(format!("{error:#}"))];
    }
    if let Some(file) = &config.replay_file {
        return vec![Found::Note(format!(
            "{} answers in place of the models: MODEL_REPLAY_FILE is set",
            file.display()
        ))];
    }
    let mut found = vec![match wiring::models::embedder(config) {
        Ok(_) => Found::Good(likeness(config)),
        Err(error) => Found::Bad(format!("{error:#}")),
    }];
    found.push(Found::Good(prompts(config)));
    if config.chains.is_empty() {
        let alone = "none is configured and none is needed: the engine answers alone";
        found.insert(0, Found::Good(alone.to_owned()));
        return found;
    }
    match wiring::models::connected(config) {
        Err(error) => found.push(Found::Bad(format!("{error:#}"))),
        Ok(models) => {
            for model in models.values() {
                found.push(answer(config, model).await);
            }
        }
    }
    found.extend(config.chains.iter().map(|(agent, chain)| asks(*agent, chain)));
    found.push(Found::Good(limits(config)));
    found.extend(config.record_file.as_ref().map(|file| {
        Found::Note(format!(
            "every question and answer is written to {}, redacted",
            file.display()
        ))
    }));
    found
}

/// What a provider says of a model.
async fn answer(config: &ModelConfig, model: &Arc<dyn ChatModel>) -> Found {
    let (name, server) = (model.name(), model.server());
    let checked = tokio::time::timeout(PATIENCE, model.check()).await;
    match checked {
        Ok(Ok(())) => Found::Good(format!("{name} is at {server}; {}", price(config, name))),
        Ok(Err(ChatError::Auth { reason })) => {
            let key = Accounts::key_setting(name.provider);
            Found::Bad(format!(
                "{name}: {server} refuses the key ({reason}): set another {key}"
            ))
        }
        Ok(Err(ChatError::ModelGone { reason })) if replacement(name).is_none() => Found::Bad(format!(
            "{name}: {server} does not have it ({reason}): name a model that it has"
        )),
        Ok(Err(error)) => Found::Note(format!(
            "{name}: {error}; until it answers, the next model or the engine does"
        )),
        Err(_) => Found::Note(format!(
            "{name}: {server} did not answer within {} s; until it does, the next model or the engine does",
            PATIENCE.as_secs()
        )),
    }
}

fn price(config: &ModelConfig, name: &ModelName) -> String {
    match config.limits.prices.of(name) {
        Some(Price { input: 0, output: 0 }) => "it costs no money".to_owned(),
        Some(Price { input, output }) => format!(
            "${} and ${} for a million tokens of question and answer",
            dollars(input),
            dollars(output)
        ),
        None => "its price is not known, so that budgets of money do not see it: add it to MODEL_PRICES"
            .to_owned(),
    }
}

fn asks(agent: Agent, chain: &[ModelName]) -> Found {
    let names: Vec<String> = chain.iter().map(ToString::to_string).collect();
    Found::Good(format!("{} asks {}", agent.as_str(), names.join(", then ")))
}

/// They were rendered when they were read.
fn prompts(config: &ModelConfig) -> String {
    let all = prompts::names().count();
    match config.consulting.prompts.replaced() {
        0 => format!("the {all} built-in prompts render"),
        own => format!("{all} prompts render, {own} of them your own (PROMPTS_DIR)"),
    }
}

/// What tells texts that mean the same.
fn likeness(config: &ModelConfig) -> String {
    match &config.embedding {
        None => "texts are alike by their words: EMBEDDING_MODEL is not set".to_owned(),
        Some(EmbeddingSpec::Static(folder)) => {
            format!("texts are alike by the model in {}", folder.display())
        }
        Some(EmbeddingSpec::Provider(name)) => format!("texts are alike by {name}"),
    }
}

fn limits(config: &ModelConfig) -> String {
    let temperature = match config.consulting.temperature {
        Some(temperature) => format!("temperature {temperature}"),
        None => "their own temperature".to_owned(),
    };
    format!(
        "{}; a question holds {} characters of a case, an answer {} tokens, at {temperature}",
        budgets(&config.limits.budget),
        config.consulting.context_chars,
        config.consulting.max_tokens
    )
}

fn budgets(budget: &Budget) -> String {
    let tokens = |limit: Option<u64>| limit.map(|limit| format!("{limit} tokens"));
    let money = |limit: Option<u64>| limit.map(|limit| format!("${}", dollars(limit)));
    let both = |parts: [Option<String>; 2]| {
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            "what it likes".to_owned()
        } else {
            parts.join(" and ")
        }
    };
    format!(
        "a workflow may spend {}, a day (UTC) {}",
        both([
            tokens(budget.workflow_tokens),
            money(budget.workflow_micro_dollars)
        ]),
        both([tokens(budget.day_tokens), money(budget.day_micro_dollars)])
    )
}

/// Millionths of a dollar as dollars, without zeros that say nothing.
pub(in crate::commands) fn dollars(micros: u64) -> String {
    let mut text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    while text.ends_with('0') && !text.ends_with(".00") {
        text.pop();
    }
    text
}

/// For the start of the server: whom the agents ask.
pub(in crate::commands) fn in_short(config: &ModelConfig) -> String {
    if let Some(file) = &config.replay_file {
        return format!("{} answers in place of language models", file.display());
    }
    if config.chains.is_empty() {
        return "no language model is configured: the engine answers alone".to_owned();
    }
    let mut text = "language models:".to_owned();
    for (agent, chain) in &config.chains {
        let names: Vec<String> = chain.iter().map(ToString::to_string).collect();
        let _ = write!(text, " {} asks {};", agent.as_str(), names.join(", then "));
    }
    text.trim_end_matches(';').to_owned()
}
