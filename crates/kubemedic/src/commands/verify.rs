//! `kubemedic verify`: configuration, store, model, cluster, sources and approval server, checked one by one.

pub(super) mod models;

use std::{fmt::Write, path::Path, process::ExitCode, sync::Arc};

use kubemedic_adapters::{
    data_dir::{DataDir, DataDirError},
    journal::SqliteJournal,
    system::SystemClock,
};
use kubemedic_engine::analysis;
use kubemedic_ports::{clock::Clock, cluster::Cluster, journal::Journal};

use super::{BAD_USAGE, print};
use crate::{
    config::{Config, Sources},
    wiring,
};

/// How a check ended.
enum Found {
    /// It works, or is off on purpose.
    Good(String),
    /// It works, and a person should know this.
    Note(String),
    /// It does not work.
    Bad(String),
}

/// Runs the command: 0 when everything is usable, 64 otherwise.
///
/// # Errors
/// When the configuration cannot be read at all.
pub fn run() -> anyhow::Result<ExitCode> {
    let sources = Sources::read(Path::new("."))?;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut checks: Vec<(&str, Found)> = Vec::new();
    match Config::load(&sources) {
        Err(errors) => checks.extend(
            errors
                .0
                .into_iter()
                .map(|error| ("configuration", Found::Bad(error))),
        ),
        Ok(config) => {
            let runtime = tokio::runtime::Runtime::new()?;
            checks.push(("configuration", Found::Good("every value is usable".to_owned())));
            checks.extend(
                config
                    .warnings
                    .iter()
                    .chain(&config.models.warnings)
                    .map(|it| ("configuration", Found::Note(it.clone()))),
            );
            checks.extend(runtime.block_on(outside(&config, &sources)));
        }
    }
    let bad = checks.iter().any(|(_, found)| matches!(found, Found::Bad(_)));
    print(&page(&checks))?;
    Ok(if bad {
        ExitCode::from(BAD_USAGE)
    } else {
        ExitCode::SUCCESS
    })
}

fn page(checks: &[(&str, Found)]) -> String {
    checks.iter().fold(String::new(), |mut page, (name, found)| {
        let (mark, text) = match found {
            Found::Good(text) => ("ok  ", text),
            Found::Note(text) => ("note", text),
            Found::Bad(text) => ("FAIL", text),
        };
        let _ = writeln!(page, "{mark}  {name:<16} {text}");
        page
    })
}

/// Everything outside of the process.
async fn outside(config: &Config, sources: &Sources) -> Vec<(&'static str, Found)> {
    let mut checks = vec![
        ("store", store(config).await),
        ("logs", folder(&config.log_dir)),
        ("catalogue", catalogue(config)),
    ];
    let models = models::check(&config.models).await;
    checks.extend(models.into_iter().map(|found| ("model", found)));
    checks.push(("cluster", cluster(config, sources)));
    checks.extend(
        log_sources(config)
            .await
            .into_iter()
            .map(|found| ("sources", found)),
    );
    checks.extend(database(config).map(|found| ("store", found)));
    checks.push(("approval server", approvals(config).await));
    checks.push(("execution", execution(config)));
    checks
}

async fn store(config: &Config) -> Found {
    let data = match DataDir::open(&config.data_dir) {
        Ok(data) => data,
        Err(error @ DataDirError::InUse { .. }) => {
            return Found::Note(format!("{error}; the store was not looked at"));
        }
        Err(error) => return Found::Bad(error.to_string()),
    };
    match SqliteJournal::open(&data.path().join(wiring::JOURNAL_FILE)).await {
        Err(error) => Found::Bad(error.to_string()),
        Ok(journal) => match journal.check().await {
            Err(error) => Found::Bad(error.to_string()),
            Ok(()) => Found::Good(format!(
                "the journal in {} can be written",
                config.data_dir.display()
            )),
        },
    }
}

fn folder(path: &Path) -> Found {
    match std::fs::create_dir_all(path) {
        Ok(()) => Found::Good(format!("{} is there", path.display())),
        Err(error) => Found::Bad(format!("LOG_DIR {} cannot be made: {error}", path.display())),
    }
}

/// The knowledge base proves itself on the examples that it carries.
fn catalogue(config: &Config) -> Found {
    match analysis::check_catalogue() {
        Ok(entries) if config.own_entries > 0 => Found::Good(format!(
            "{entries} built-in entries and {} of your own hold on their own examples",
            config.own_entries
        )),
        Ok(entries) => Found::Good(format!("{entries} entries hold on their own examples")),
        Err(error) => Found::Bad(error),
    }
}

/// Each source is asked: one that is configured and does not answer is told, with the way out.
async fn log_sources(config: &Config) -> Vec<Found> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let sources = match wiring::log_sources(config, &clock) {
        Err(error) => return vec![Found::Bad(format!("{error:#}"))],
        Ok(sources) if sources.is_empty() => {
            return vec![Found::Good("none is configured: logs are posted".to_owned())];
        }
        Ok(sources) => sources,
    };
    let mut checks = Vec::new();
    for source in sources {
        checks.push(match source.check().await {
            Ok(told) => Found::Good(format!("{}: {told}", source.name())),
            Err(error) => Found::Bad(error.to_string()),
        });
    }
    checks
}

fn database(config: &Config) -> Option<Found> {
    let name = config.unused.first()?;
    Some(Found::Note(format!(
        "{name} set, not used yet: SQLite is the store"
    )))
}

fn cluster(config: &Config, sources: &Sources) -> Found {
    match wiring::cluster(config, sources) {
        Err(error) => Found::Bad(format!("{error:#}")),
        Ok(kubectl) => match kubectl.context() {
            None => Found::Good("none is needed: EXECUTE_CONTEXT is not set".to_owned()),
            Some(info) => Found::Good(format!(
                "context '{}' is cluster '{}' at {}",
                info.context, info.cluster, info.server
            )),
        },
    }
}

async fn approvals(config: &Config) -> Found {
    match wiring::gateway(config) {
        Err(error) => Found::Bad(format!("{error:#}")),
        Ok(None) => Found::Good(format!("built in, on port {}", config.approvals.port())),
        Ok(Some(gateway)) => match gateway.pending().await {
            Ok(pending) => Found::Good(format!("{} answers, {} wait there", gateway.url(), pending.len())),
            Err(error) => Found::Note(format!("{error}; proposals will wait until it answers")),
        },
    }
}

fn execution(config: &Config) -> Found {
    match &config.execute_context {
        None => Found::Good("off: approved commands are shown, not run".to_owned()),
        Some(context) => Found::Note(format!("on: approved commands will run in context '{context}'")),
    }
}
