//! Language models behind their ports: the chain of each agent, and the transcript that is written or that answers.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::BufReader,
    path::Path,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use kubemedic_adapters::{
    embeddings,
    llm::{self, Endpoint, Endpoints, LlmTimeouts},
};
use kubemedic_engine::redaction::rules::Rules;
use kubemedic_ports::{
    chat_model::{ChatModel, ModelName},
    clock::Clock,
    embedder::Embedder,
};
use kubemedic_workflow::models::{Chains, Models, Transcript};

use crate::config::{ModelConfig, models::Account};

/// How long a connection to a provider may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a model may pause within an answer.
const IDLE: Duration = Duration::from_secs(30);

/// What a transcript that is there already means for one that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recording {
    /// It is continued.
    Continued,
    /// It begins anew.
    Anew,
}

/// The models of all agents.
///
/// # Errors
/// When an address is none, or a transcript cannot be opened; the message names the setting.
pub fn models(
    config: &ModelConfig,
    rules: &Arc<Rules>,
    clock: &Arc<dyn Clock>,
    recording: Recording,
) -> anyhow::Result<Models> {
    // A transcript answers alone: no key and no address is needed then.
    let chains = if config.replay_file.is_some() {
        Chains::new()
    } else {
        chains(config)?
    };
    let models =
        Models::new(config.limits.clone(), chains, clock.clone()).with_redaction_rules(rules.clone());
    let transcript = transcript(config, recording)?;
    Ok(match transcript {
        Some(transcript) => models.with_transcript(transcript),
        None => models,
    })
}

/// What tells texts that mean the same, if anything but their words does. A local model is read now; nothing is sent.
///
/// # Errors
/// When the folder holds no usable model, or an address is none.
pub fn embedder(config: &ModelConfig) -> anyhow::Result<Option<Arc<dyn Embedder>>> {
    let spec = config.embedding.as_ref();
    let connected = spec.map(|spec| embeddings::connect(spec, &endpoints(config)));
    connected.transpose().context("EMBEDDING_MODEL")
}

/// Every model that an agent may ask.
///
/// # Errors
/// When an address is none.
pub fn connected(config: &ModelConfig) -> anyhow::Result<BTreeMap<ModelName, Arc<dyn ChatModel>>> {
    let endpoints = endpoints(config);
    let names = config.names().into_iter();
    names
        .map(|name| {
            let model = llm::connect(&name, &endpoints).with_context(|| format!("the model {name}"))?;
            Ok((name, model))
        })
        .collect()
}

fn chains(config: &ModelConfig) -> anyhow::Result<Chains> {
    let connected = connected(config)?;
    let of_names = |names: &Vec<ModelName>| {
        let models = names.iter().filter_map(|name| connected.get(name));
        models.cloned().collect::<Vec<_>>()
    };
    let chains = config.chains.iter();
    Ok(chains.map(|(agent, names)| (*agent, of_names(names))).collect())
}

fn endpoints(config: &ModelConfig) -> Endpoints {
    let accounts = &config.accounts;
    let own = Endpoints::default();
    let endpoint = |account: &Account, own: Endpoint| Endpoint {
        base_url: account.base_url.clone().unwrap_or(own.base_url),
        key: account.key.clone(),
    };
    let call = config.limits.call_timeout;
    Endpoints {
        gemini: endpoint(&accounts.gemini, own.gemini),
        openai: endpoint(&accounts.openai, own.openai),
        anthropic: endpoint(&accounts.anthropic, own.anthropic),
        ollama: endpoint(&accounts.ollama, own.ollama),
        timeouts: LlmTimeouts {
            connect: CONNECT.min(call),
            first_byte: call,
            idle: IDLE.min(call),
            whole: call,
        },
    }
}

fn transcript(config: &ModelConfig, recording: Recording) -> anyhow::Result<Option<Transcript>> {
    if let Some(path) = &config.replay_file {
        let unusable = || format!("MODEL_REPLAY_FILE {}", path.display());
        let file = File::open(path).with_context(unusable)?;
        let entries = Transcript::from_lines(BufReader::new(file)).with_context(unusable)?;
        return Ok(Some(Transcript::replay(entries)));
    }
    let Some(path) = &config.record_file else {
        return Ok(None);
    };
    let file = private(path, recording).with_context(|| {
        format!(
            "MODEL_RECORD_FILE {} cannot be written: name a file in a folder that this user may write",
            path.display()
        )
    })?;
    Ok(Some(Transcript::record(Box::new(file))))
}

/// A file that only its owner may read: it holds what logs say.
fn private(path: &Path, recording: Recording) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true);
    match recording {
        Recording::Continued => options.append(true),
        Recording::Anew => options.write(true).truncate(true),
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let file = options.mode(0o600).open(path)?;
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        Ok(file)
    }
    #[cfg(not(unix))]
    options.open(path)
}
