//! Puts the adapters behind the ports: the one place that knows both.

pub mod models;

use std::{path::PathBuf, sync::Arc};

use anyhow::Context;
use kubemedic_adapters::{
    approvals::HttpApprovalGateway,
    cluster::{Kubectl, KubectlSettings, PASSED_VARIABLES},
    data_dir::DataDir,
    feedback::JsonLinesFeedbackFile,
    journal::SqliteJournal,
    ledger_snapshot::SnapshotFile,
    logs::{elasticsearch::Elasticsearch, files::LogFiles},
    notify::HttpNotifier,
    system::{RandomIds, SystemClock},
};
use kubemedic_ports::{
    approval_gateway::ApprovalGateway, clock::Clock, log_source::LogSource, notifier::Notifier,
};
use kubemedic_workflow::services::Ports;

use crate::config::{Config, Sources};
use models::Recording;

/// The journal below the data folder.
pub const JOURNAL_FILE: &str = "kubemedic.db";

/// kubectl in the configured context.
///
/// # Errors
/// When `EXECUTE_CONTEXT` names a context that cannot be used.
pub fn cluster(config: &Config, sources: &Sources) -> anyhow::Result<Kubectl> {
    let passed = PASSED_VARIABLES.iter();
    let environment =
        passed.filter_map(|name| Some(((*name).to_owned(), sources.environment(name)?.to_owned())));
    Kubectl::new(KubectlSettings {
        program: PathBuf::from("kubectl"),
        kubeconfig: config.kubeconfig.clone(),
        context: config.execute_context.clone(),
        environment: environment.collect(),
    })
    .context("EXECUTE_CONTEXT")
}

/// The other approval server, if one is configured.
///
/// # Errors
/// When `MCP_SERVER_URL` is no address.
pub fn gateway(config: &Config) -> anyhow::Result<Option<Arc<dyn ApprovalGateway>>> {
    let Some(url) = &config.mcp_server_url else {
        return Ok(None);
    };
    Ok(Some(Arc::new(
        HttpApprovalGateway::new(url, config.mcp_server_token.clone()).context("MCP_SERVER_URL")?,
    )))
}

/// The journal of a data folder.
///
/// # Errors
/// When it is damaged or cannot be opened.
pub async fn journal(data: &DataDir) -> anyhow::Result<Arc<SqliteJournal>> {
    Ok(Arc::new(
        SqliteJournal::open(&data.path().join(JOURNAL_FILE))
            .await
            .context("DATA_DIR")?,
    ))
}

/// Everything that the services need.
///
/// # Errors
/// When an outside system cannot be set up; the message names its setting.
pub fn ports(
    config: &Config,
    sources: &Sources,
    data: &DataDir,
    journal: Arc<SqliteJournal>,
) -> anyhow::Result<Ports> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Ok(Ports {
        journal,
        ids: Arc::new(RandomIds),
        cluster: Arc::new(cluster(config, sources)?),
        gateway: gateway(config)?,
        notifier: notifier(config, &clock)?,
        feedback_file: Arc::new(JsonLinesFeedbackFile::below(data.path())),
        snapshots: Arc::new(SnapshotFile::below(data.path())),
        log_sources: log_sources(config, &clock)?,
        models: Arc::new(models::models(
            &config.models,
            &config.redaction_rules,
            &clock,
            Recording::Continued,
        )?),
        embedder: models::embedder(&config.models)?,
        clock,
    })
}

/// The configured log sources: the search cluster first.
///
/// # Errors
/// When a setting cannot be used; the message names it and holds no secret.
pub fn log_sources(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Vec<Arc<dyn LogSource>>> {
    let mut sources: Vec<Arc<dyn LogSource>> = Vec::new();
    if let Some(it) = &config.elasticsearch {
        let source = Elasticsearch::new(&it.connection, &it.index, &it.fields, clock.clone());
        sources.push(Arc::new(source.context("ELASTICSEARCH_*")?));
    }
    if let Some(folder) = &config.log_files_dir {
        sources.push(Arc::new(LogFiles::new(folder.clone(), clock.clone())));
    }
    Ok(sources)
}

fn notifier(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Option<Arc<dyn Notifier>>> {
    let Some(url) = &config.webhook_url else {
        return Ok(None);
    };
    let notifier = HttpNotifier::new(url, config.webhook_secret.clone(), clock.clone());
    Ok(Some(Arc::new(notifier.context("BACKEND_WEBHOOK_URL")?)))
}
