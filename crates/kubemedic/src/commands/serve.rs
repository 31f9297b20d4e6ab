//! `kubemedic serve`: both ports, until SIGTERM or Ctrl-C.

use std::{net::SocketAddr, path::Path, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context;
use kubemedic_adapters::{
    data_dir::DataDir,
    system::{SystemClock, raise_open_file_limit},
};
use kubemedic_model::event::Agent;
use kubemedic_server::{ConnectionLimits, EdgeConfig};
use kubemedic_workflow::services::{Ports, Services, ServicesConfig};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::verify::models;
use crate::{
    cli::Serve,
    config::{Config, Sources},
    telemetry, warm_up, wiring,
};

/// Files that the process opens beside its connections: the journal, logs, pipes to kubectl, connections to other servers.
const OWN_FILES: u64 = 128;
/// How often measured samples are folded into their histograms.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// Runs the command.
///
/// # Errors
/// When the configuration, the data folder, a port or an outside system is not usable; the message names it.
pub fn run(arguments: &Serve) -> anyhow::Result<ExitCode> {
    let sources = with_flags(Sources::read(Path::new("."))?, arguments);
    let config = Config::load(&sources)?;
    crate::catalogue_folder::use_configured()?;
    let filter = sources.value("LOG_LEVEL").unwrap_or_default();
    // The first provider wins; a second call can only happen in this process' own tests.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Runtime::new()?;
    let telemetry = telemetry::start(&config.log_dir, &filter, config.otlp.as_ref(), runtime.handle())?;
    let served = runtime.block_on(serve(&config, &sources));
    telemetry.flush();
    // A computation that was given up has no effect any more: the process need not wait for it.
    runtime.shutdown_background();
    served?;
    Ok(ExitCode::SUCCESS)
}

/// The sources with the command line's flags over them.
fn with_flags(mut sources: Sources, arguments: &Serve) -> Sources {
    for (name, flag) in [
        ("HOST", &arguments.host),
        ("PORT", &arguments.port),
        ("APPROVAL_PORT", &arguments.approval_port),
        ("DATA_DIR", &arguments.data_dir),
        ("LOG_DIR", &arguments.log_dir),
        ("EXECUTE_CONTEXT", &arguments.execute_context),
        ("MCP_SERVER_URL", &arguments.mcp_server_url),
    ] {
        if let Some(value) = flag {
            sources.set_flag(name, value.clone());
        }
    }
    sources
}

async fn serve(config: &Config, sources: &Sources) -> anyhow::Result<()> {
    let metrics = PrometheusBuilder::new()
        .install_recorder()
        .context("the metrics recorder")?;
    // The folder first: a second process must not even bind a port on the same data.
    let data = DataDir::open(&config.data_dir)?;
    let backend = bind(config.backend, "PORT").await?;
    let approvals = bind(config.approvals, "APPROVAL_PORT").await?;
    let journal = wiring::journal(&data).await?;
    let ports = wiring::ports(config, sources, &data, journal.clone())?;
    let stop = CancellationToken::new();
    let edge = edge(
        config,
        &ports,
        (&backend, &approvals),
        (metrics.clone(), stop.clone()),
    )?;
    let services = Services::build(services_config(config), ports);
    services.start().await.context("the journal cannot be read")?;
    announce(config, &edge);
    warm_up::for_workflows(services.models().is_configured(Agent::AnalysisAgent));
    let routers = (
        kubemedic_server::backend_router(services.clone(), edge.clone()),
        kubemedic_server::approval_router(services.clone(), edge),
    );
    let limits = limits(config);
    survive_file_size_limit();
    let until_signal = async {
        stop_signal().await;
        tracing::info!("stopping: open requests and the step under way are ended first");
        stop.cancel();
    };
    tokio::join!(
        until_signal,
        keep_metrics_small(metrics, stop.clone()),
        kubemedic_server::serve(backend, routers.0, limits, stop.clone()),
        kubemedic_server::serve(approvals, routers.1, limits, stop.clone()),
    );
    services.shutdown().await;
    journal.checkpoint().await;
    tracing::info!("stopped");
    Ok(())
}

fn services_config(config: &Config) -> ServicesConfig {
    ServicesConfig {
        approval_ttl_seconds: config.approval_ttl_seconds,
        retention_days: config.retention_days,
        redaction_rules: config.redaction_rules.clone(),
        learning: config.learning.clone(),
        consulting: config.models.consulting.clone(),
        ..ServicesConfig::default()
    }
}

/// What clients may hold: no more connections than the process may have open files, for both ports and all else that it opens.
fn limits(config: &Config) -> ConnectionLimits {
    let open_files = raise_open_file_limit();
    let fitting = usize::try_from(open_files.saturating_sub(OWN_FILES) / 2).unwrap_or(usize::MAX);
    if fitting < config.max_connections {
        tracing::warn!(
            "MAX_CONNECTIONS is {}, but the process may open {open_files} files: {fitting} connections are taken on each port; raise the limit (ulimit -n)",
            config.max_connections
        );
    }
    ConnectionLimits {
        connections: config.max_connections.min(fitting),
        patience: patience(config),
    }
}

fn patience(config: &Config) -> Duration {
    Duration::from_secs(u64::from(config.client_timeout_seconds))
}

/// Binds a port; the error names its setting.
async fn bind(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "{setting}: {address} cannot be bound: is it in use? Set another {setting}, or stop what uses it"
        )
    })
}

fn edge(
    config: &Config,
    ports: &Ports,
    (backend, approvals): (&TcpListener, &TcpListener),
    (metrics, shutdown): (PrometheusHandle, CancellationToken),
) -> anyhow::Result<EdgeConfig> {
    Ok(EdgeConfig {
        api_token: config.api_token.clone(),
        token_name: config.api_token_name.clone(),
        allowed_hosts: config.allowed_hosts.clone(),
        cors_allowed_origins: config.cors_allowed_origins.clone(),
        webhook_secret: config.webhook_secret.clone(),
        max_body_bytes: config.max_body_bytes,
        client_patience: patience(config),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        execution: ports.cluster.context().cloned(),
        backend_url: url(backend.local_addr()?),
        approval_url: url(approvals.local_addr()?),
        metrics: Some(metrics),
        shutdown,
        ..EdgeConfig::loopback(Arc::new(SystemClock))
    })
}

/// An address as people reach it: a wildcard is reached by the loopback name.
fn url(address: SocketAddr) -> String {
    if address.ip().is_unspecified() || address.ip().is_loopback() {
        return format!("http://localhost:{}", address.port());
    }
    format!("http://{address}")
}

/// Tells what a person needs to know at the start.
fn announce(config: &Config, edge: &EdgeConfig) {
    for warning in config.warnings.iter().chain(&config.models.warnings) {
        tracing::warn!("{warning}");
    }
    for name in &config.unused {
        tracing::warn!("{name} is set, but this version does not use it yet");
    }
    tracing::info!("{}", models::in_short(&config.models));
    if let Some(info) = &edge.execution {
        tracing::warn!(
            context = info.context,
            server = info.server,
            "approved commands will run"
        );
    } else {
        tracing::info!("nothing is executed: EXECUTE_CONTEXT is not set");
    }
    tracing::info!(
        "backend {}, API pages {}/docs",
        edge.backend_url,
        edge.backend_url
    );
    tracing::info!("approvals {}", edge.approval_url);
}

/// Folds measured samples into their histograms now and then, so that they do not pile up while nobody scrapes.
async fn keep_metrics_small(metrics: PrometheusHandle, stop: CancellationToken) {
    let mut often = tokio::time::interval(METRICS_UPKEEP);
    while stop.run_until_cancelled(often.tick()).await.is_some() {
        metrics.run_upkeep();
    }
}

/// A write beyond the limit of file size (`ulimit -f`) fails as on a full disk, instead of ending the process by SIGXFSZ.
fn survive_file_size_limit() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        /// The number of SIGXFSZ on Linux and macOS.
        const FILE_SIZE_LIMIT: i32 = 25;
        // The handler stays for the life of the process, also when nobody listens.
        if let Err(error) = signal(SignalKind::from_raw(FILE_SIZE_LIMIT)) {
            tracing::debug!(%error, "SIGXFSZ keeps its default");
        }
    }
}

/// Ends with SIGTERM or Ctrl-C.
pub(super) async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
