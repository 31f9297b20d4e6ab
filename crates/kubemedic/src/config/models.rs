//! The settings of language models, checked: who is asked, in which order, within which limits.
//! What they name is opened by the wiring.

mod accounts;
mod chains;
mod limits;
mod prompts;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use kubemedic_adapters::embeddings::EmbeddingSpec;
use kubemedic_model::event::Agent;
use kubemedic_ports::chat_model::ModelName;
use kubemedic_workflow::{consult::ConsultSettings, models::ModelsConfig};

pub use accounts::{Account, Accounts};
pub use chains::replacement;

use super::{ConfigErrors, Reader, Sources};

/// The setting of each agent's models.
pub const AGENT_SETTINGS: [(Agent, &str); 4] = [
    (Agent::MonitoringAgent, "MONITORING_MODEL"),
    (Agent::AnalysisAgent, "ANALYSIS_MODEL"),
    (Agent::RemediationAgent, "REMEDIATION_MODEL"),
    (Agent::KubectlCommandAgent, "KUBECTL_MODEL"),
];

/// The settings of language models.
#[derive(Debug)]
pub struct ModelConfig {
    /// Where each provider is, and its key.
    pub accounts: Accounts,
    /// Whom each agent asks, in turn. An agent that is not in it asks nobody.
    pub chains: BTreeMap<Agent, Vec<ModelName>>,
    /// How they are asked.
    pub consulting: ConsultSettings,
    /// Times, counts and money.
    pub limits: ModelsConfig,
    /// Where answers are written.
    pub record_file: Option<PathBuf>,
    /// What answers in place of the models.
    pub replay_file: Option<PathBuf>,
    /// What tells texts that mean the same, if anything but their words does.
    pub embedding: Option<EmbeddingSpec>,
    /// What a person should know: retired ids, keys without a model.
    pub warnings: Vec<String>,
}

impl ModelConfig {
    /// Checks the settings of models alone, for commands that need no server.
    ///
    /// # Errors
    /// [`ConfigErrors`] with everything that is wrong with them.
    pub fn load(sources: &Sources) -> Result<Self, ConfigErrors> {
        let mut read = Reader {
            sources,
            errors: Vec::new(),
        };
        let config = read.models();
        if read.errors.is_empty() {
            Ok(config)
        } else {
            Err(ConfigErrors(read.errors))
        }
    }

    /// Every model that an agent may ask, once.
    pub fn names(&self) -> Vec<ModelName> {
        let mut names: Vec<ModelName> = Vec::new();
        for name in self.chains.values().flatten() {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }
}

impl Reader<'_> {
    /// The settings of language models.
    pub(super) fn models(&mut self) -> ModelConfig {
        let mut warnings = Vec::new();
        let accounts = self.accounts(&mut warnings);
        let replay_file = self.replay_file();
        let chains = self.chains(&accounts, replay_file.is_some(), &mut warnings);
        ModelConfig {
            chains,
            consulting: ConsultSettings {
                prompts: Arc::new(self.prompts()),
                max_tokens: self.number_or_default("MAX_TOKENS", 16, 1_000_000),
                temperature: self.temperature(),
                context_chars: self.number_or_default("MODEL_CONTEXT_CHARS", 2000, 1_000_000),
            },
            limits: self.model_limits(),
            record_file: self.record_file(replay_file.is_some()),
            replay_file,
            embedding: self.embedding(&accounts),
            accounts,
            warnings,
        }
    }

    fn temperature(&mut self) -> Option<f64> {
        let text = self.optional("TEMPERATURE")?;
        let number = text.trim().parse::<f64>().ok();
        let usable = number.filter(|it| (0.0..=2.0).contains(it));
        if usable.is_none() {
            self.errors.push(format!(
                "TEMPERATURE is '{text}': it must be a number from 0 to 2, or blank"
            ));
        }
        usable
    }

    fn replay_file(&mut self) -> Option<PathBuf> {
        let file = PathBuf::from(self.optional("MODEL_REPLAY_FILE")?.trim());
        if !file.is_file() {
            self.errors.push(format!(
                "MODEL_REPLAY_FILE {} is not there: record one with MODEL_RECORD_FILE, or unset it",
                file.display()
            ));
        }
        Some(file)
    }

    fn record_file(&mut self, replaying: bool) -> Option<PathBuf> {
        let file = PathBuf::from(self.optional("MODEL_RECORD_FILE")?.trim());
        if replaying {
            self.errors.push(
                "MODEL_RECORD_FILE and MODEL_REPLAY_FILE are both set: a run is recorded or replayed, unset one"
                    .to_owned(),
            );
        }
        Some(file)
    }

    fn embedding(&mut self, accounts: &Accounts) -> Option<EmbeddingSpec> {
        let text = self.optional("EMBEDDING_MODEL")?;
        match text.parse() {
            Err(error) => {
                self.errors.push(format!("EMBEDDING_MODEL: {error}"));
                None
            }
            Ok(EmbeddingSpec::Static(folder)) if !folder.exists() => {
                self.errors.push(format!(
                    "EMBEDDING_MODEL: {} is not there: fetch a model first (deploy/embeddings.sh), or unset EMBEDDING_MODEL",
                    folder.display()
                ));
                None
            }
            Ok(spec) => {
                let missing = match &spec {
                    EmbeddingSpec::Provider(name) => accounts.missing(name.provider),
                    EmbeddingSpec::Static(_) => None,
                };
                let missing = missing.map(|missing| format!("EMBEDDING_MODEL is '{text}', but {missing}"));
                self.errors.extend(missing);
                Some(spec)
            }
        }
    }

    /// A whole number; the default where it is blank.
    fn number_or_default<T>(&mut self, name: &'static str, least: T, most: T) -> T
    where
        T: std::str::FromStr + PartialOrd + std::fmt::Display + Copy,
    {
        let text = self.given_or_default(name);
        self.number_of(name, &text, least, most)
    }

    /// The value; the default where it is blank, as a container's empty variable is.
    fn given_or_default(&self, name: &str) -> String {
        let default = || super::setting(name).map_or("", |it| it.default).to_owned();
        self.optional(name)
            .map_or_else(default, |it| it.trim().to_owned())
    }
}

#[cfg(test)]
mod tests;
