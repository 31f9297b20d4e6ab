//! Whom each agent asks, and in which order.

use std::{collections::BTreeMap, str::FromStr};

use kubemedic_adapters::llm::{DEFAULT_GEMINI_MODEL, retired_replacement};
use kubemedic_model::event::Agent;
use kubemedic_ports::chat_model::{ModelName, Provider};

use super::{AGENT_SETTINGS, Accounts};
use crate::config::Reader;

/// The word that switches models off.
const NONE: &str = "none";

impl Reader<'_> {
    /// The models of each agent. Where answers are replayed, nobody's key is needed.
    pub(super) fn chains(
        &mut self,
        accounts: &Accounts,
        replaying: bool,
        warnings: &mut Vec<String>,
    ) -> BTreeMap<Agent, Vec<ModelName>> {
        let usual: Vec<ModelName> = self.usual(accounts).into_iter().collect();
        let fallbacks = self.models_of("MODEL_FALLBACKS").unwrap_or_default();
        let mut named: Vec<(&str, Vec<ModelName>)> = vec![("MODEL_FALLBACKS", fallbacks.clone())];
        let mut chains = BTreeMap::new();
        for (agent, setting) in AGENT_SETTINGS {
            let own = self.models_of(setting);
            let first = own.clone().unwrap_or_else(|| usual.clone());
            named.push((setting, own.unwrap_or_default()));
            // Who has no first model has no fallback either: `none` means none.
            if !first.is_empty() {
                let all = first.into_iter().chain(fallbacks.iter().cloned());
                chains.insert(agent, with_replacements(all));
            }
        }
        if !replaying {
            self.errors.extend(
                named
                    .iter()
                    .flat_map(|(setting, names)| without_account(accounts, setting, names)),
            );
        }
        warnings.extend(told_of_retired(&chains));
        warnings.extend(unused_openai(accounts, &chains));
        chains
    }

    /// The model that answers when an agent's setting names none.
    fn usual(&mut self, accounts: &Accounts) -> Option<ModelName> {
        let Some(wanted) = self.optional("MODEL_PROVIDER") else {
            return Provider::ALL.into_iter().find_map(|it| accounts.usual(it));
        };
        let wanted = wanted.trim().to_ascii_lowercase();
        if wanted == NONE {
            return None;
        }
        let Some(provider) = Provider::ALL.into_iter().find(|it| it.as_str() == wanted) else {
            self.errors.push(format!(
                "MODEL_PROVIDER is '{wanted}': it must be gemini, openai, anthropic, ollama or none"
            ));
            return None;
        };
        if let Some(lacking) = accounts.lacks(provider) {
            self.errors
                .push(format!("MODEL_PROVIDER is '{wanted}', but {lacking}"));
        }
        accounts.usual(provider)
    }

    /// The models that a setting names; `None` where it is blank.
    fn models_of(&mut self, setting: &str) -> Option<Vec<ModelName>> {
        let text = self.optional(setting)?;
        if text.trim().eq_ignore_ascii_case(NONE) {
            return Some(Vec::new());
        }
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let mut names = Vec::new();
        for part in parts {
            match ModelName::from_str(part) {
                Ok(name) => names.push(name),
                Err(error) => self.errors.push(format!("{setting}: {error}")),
            }
        }
        Some(names)
    }
}

/// The model that Google has in the place of a retired one.
pub fn replacement(name: &ModelName) -> Option<&'static str> {
    let retired = (name.provider == Provider::Gemini).then(|| retired_replacement(&name.model));
    retired.flatten()
}

/// Each model once, a retired one followed by what takes its place.
fn with_replacements(names: impl Iterator<Item = ModelName>) -> Vec<ModelName> {
    let mut chain: Vec<ModelName> = Vec::new();
    for name in names {
        let stand_in = replacement(&name).map(|_| ModelName {
            provider: Provider::Gemini,
            model: DEFAULT_GEMINI_MODEL.to_owned(),
        });
        for name in [Some(name), stand_in].into_iter().flatten() {
            if !chain.contains(&name) {
                chain.push(name);
            }
        }
    }
    chain
}

fn without_account(accounts: &Accounts, setting: &str, names: &[ModelName]) -> Vec<String> {
    names
        .iter()
        .filter_map(|name| {
            let missing = accounts.missing(name.provider)?;
            Some(format!("{setting} names {name}, but {missing}"))
        })
        .collect()
}

fn told_of_retired(chains: &BTreeMap<Agent, Vec<ModelName>>) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for name in chains.values().flatten() {
        let Some(stand_in) = replacement(name) else {
            continue;
        };
        let warning = format!(
            "{name} is retired by Google: set GEMINI_MODEL_ID={stand_in} (or the agent's own setting); until then gemini:{DEFAULT_GEMINI_MODEL} is asked where it fails"
        );
        if !told.contains(&warning) {
            told.push(warning);
        }
    }
    told
}

/// A server without a model is not asked: most likely somebody forgot to say which.
fn unused_openai(accounts: &Accounts, chains: &BTreeMap<Agent, Vec<ModelName>>) -> Option<String> {
    let used = chains
        .values()
        .flatten()
        .any(|it| it.provider == Provider::OpenAi);
    let configured = accounts.missing(Provider::OpenAi).is_none() && accounts.openai.model.is_none();
    (configured && !used).then(|| {
        "OPENAI_API_KEY or OPENAI_BASE_URL is set without OPENAI_MODEL: the OpenAI-compatible server is not asked"
            .to_owned()
    })
}
