//! `kubemedic watch`: follows logs, diagnoses when errors appear, and tells each incident once.

mod feed;
mod window;

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use jiff::{SignedDuration, Timestamp};
use kubemedic_adapters::{backend::Backend, system::SystemClock};
use kubemedic_engine::{
    intake, monitoring,
    redaction::{Redactor, rules::Rules},
};
use kubemedic_model::{
    diagnosis::Verdict,
    evidence_object::{EvidenceObject, Logs, WorkflowInput},
};
use kubemedic_ports::clock::Clock;
use serde_json::json;

use super::{diagnose, print, serve};
use crate::{
    cli::{Format, Watch},
    config::{Config, Sources},
    examination::{Examination, examine},
};

use feed::{Batch, Feed};
use window::Window;

/// The shortest interval, in seconds.
const SHORTEST_INTERVAL: f64 = 0.25;
/// The longest interval, in seconds: an hour.
const LONGEST_INTERVAL: f64 = 3600.0;
/// After how many looks with errors a diagnosis is made although they go on.
const PATIENCE: u32 = 3;
/// The most services that are looked at one by one.
const MAX_SERVICES: usize = 50;

/// Runs the command until it is stopped.
///
/// # Errors
/// When the configuration or what is to be watched is not usable; the message names it.
pub fn run(arguments: &Watch) -> anyhow::Result<ExitCode> {
    if !(SHORTEST_INTERVAL..=LONGEST_INTERVAL).contains(&arguments.interval) {
        bail!("--interval must be from {SHORTEST_INTERVAL} to {LONGEST_INTERVAL} seconds");
    }
    let config = Config::load(&Sources::read(Path::new("."))?)?;
    crate::catalogue_folder::use_configured()?;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let backend = arguments
        .server
        .as_deref()
        .map(|url| Backend::new(url, config.api_token.clone()));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let mut watcher = Watcher {
        feed: Feed::open(arguments, &config, &clock)?,
        backend: backend.transpose().context("--server")?,
        window: Window::default(),
        told: BTreeMap::new(),
        rules: Arc::clone(&config.redaction_rules),
        cooldown: SignedDuration::from_secs(arguments.cooldown.into()),
        format: arguments.format,
        waiting: 0,
        clock,
    };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let mut often = tokio::time::interval(Duration::from_secs_f64(arguments.interval));
        often.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let stop = serve::stop_signal();
        tokio::pin!(stop);
        watcher.feed.start()?;
        say(&format!("watching {}; Ctrl-C ends it", watcher.feed.name()));
        loop {
            tokio::select! {
                () = &mut stop => return Ok(ExitCode::SUCCESS),
                _ = often.tick() => {}
            }
            tokio::select! {
                () = &mut stop => return Ok(ExitCode::SUCCESS),
                looked = watcher.look() => looked?,
            }
        }
    })
}

/// Tells what is no result.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "kubemedic: {text}");
}

struct Watcher {
    feed: Feed,
    backend: Option<Backend>,
    window: Window,
    /// When each incident was told last.
    told: BTreeMap<String, Timestamp>,
    rules: Arc<Rules>,
    cooldown: SignedDuration,
    format: Format,
    /// For how many looks errors have been waiting for their diagnosis.
    waiting: u32,
    clock: Arc<dyn Clock>,
}

impl Watcher {
    /// Looks once. Errors are diagnosed when nothing follows them any more, or when they do not end: what comes in one burst belongs
    /// to one incident.
    async fn look(&mut self) -> anyhow::Result<()> {
        let batch = match self.feed.next().await {
            Ok(batch) => batch,
            Err(error) => {
                say(&format!("{error}; trying again"));
                return Ok(());
            }
        };
        let is_quiet = batch.is_empty();
        let has_errors = !is_quiet && has_errors(&batch, &self.rules);
        self.window.add(batch, self.clock.now());
        if has_errors || self.waiting > 0 {
            self.waiting += 1;
        }
        if self.waiting > 0 && (is_quiet || self.waiting >= PATIENCE) {
            self.waiting = 0;
            self.diagnose().await?;
        }
        Ok(())
    }

    /// Tells the incident of the window, unless it was told.
    async fn diagnose(&mut self) -> anyhow::Result<()> {
        let now = self.clock.now();
        self.told.retain(|_, at| now.duration_since(*at) < self.cooldown);
        let services = self.window.logs();
        let whole = Incident::of(services.clone(), &self.rules);
        let found = match whole.verdict() {
            // More lines may tell more.
            Verdict::Healthy | Verdict::Recovered => return Ok(()),
            _ if self.is_news(&whole) => Some(whole),
            // A told incident that goes on must not hide another one beside it.
            _ => self.beside(services),
        };
        let Some(incident) = found else {
            self.window.clear();
            return Ok(());
        };
        let workflow = match &self.backend {
            None => None,
            Some(backend) => match backend.start(&incident.evidence).await {
                Ok(id) => Some(format!("{}/api/v1/workflows/{id}", backend.url())),
                Err(error) => {
                    // It is not told as started: the next errors try again.
                    say(&format!("no workflow was started: {error}"));
                    return Ok(());
                }
            },
        };
        // What was told is no evidence of the next incident.
        self.window.clear();
        let told = incident.names().into_iter().map(|name| (name, now));
        self.told.extend(told);
        print(&report(
            self.format,
            now,
            &incident.examination,
            workflow.as_deref(),
        ))
    }

    fn is_news(&self, incident: &Incident) -> bool {
        incident.names().iter().any(|name| !self.told.contains_key(name))
    }

    /// An incident that the lines of one service alone tell.
    fn beside(&self, services: BTreeMap<String, Vec<String>>) -> Option<Incident> {
        let alone = services.into_iter().take(MAX_SERVICES);
        alone
            .map(|(service, lines)| Incident::of(BTreeMap::from([(service, lines)]), &self.rules))
            .find(|incident| incident.verdict() == Verdict::Incident && self.is_news(incident))
    }
}

/// Lines with what they mean.
struct Incident {
    evidence: EvidenceObject,
    examination: Examination,
}

impl Incident {
    fn of(services: BTreeMap<String, Vec<String>>, rules: &Arc<Rules>) -> Self {
        let evidence = evidence(services, rules);
        Self {
            examination: examine(WorkflowInput::Evidence(Box::new(evidence.clone())), rules),
            evidence,
        }
    }

    fn verdict(&self) -> Verdict {
        self.examination.diagnosis.verdict
    }

    /// What tells it from others: the class and the object of each root cause.
    fn names(&self) -> Vec<String> {
        let causes = self.examination.diagnosis.root_causes.iter();
        let mut names: Vec<String> = causes
            .map(|cause| format!("{:?} {:?}", cause.class, cause.object))
            .collect();
        if names.is_empty() {
            names.push(format!("{:?}", self.verdict()));
        }
        names
    }
}

/// Lines as redacted evidence.
fn evidence(services: BTreeMap<String, Vec<String>>, rules: &Arc<Rules>) -> EvidenceObject {
    let mut evidence = EvidenceObject {
        logs: Some(Logs::ByService(services)),
        ..EvidenceObject::default()
    };
    Redactor::with_rules(Arc::clone(rules)).redact_evidence(&mut evidence);
    evidence
}

fn has_errors(batch: &Batch, rules: &Arc<Rules>) -> bool {
    let input = WorkflowInput::Evidence(Box::new(evidence(batch.clone(), rules)));
    !monitoring::monitor(&intake::read(&input)).errors.is_empty()
}

/// An incident for people, or as one line of JSON.
fn report(format: Format, at: Timestamp, examination: &Examination, workflow: Option<&str>) -> String {
    match format {
        Format::Json => {
            let told =
                json!({"at": at.to_string(), "workflow": workflow, "diagnosis": examination.to_json()});
            format!("{told}\n")
        }
        Format::Text => {
            let started = workflow
                .map(|url| format!("Workflow: {url}\n"))
                .unwrap_or_default();
            format!(
                "--- {at}\n{}{started}\n",
                diagnose::for_people(examination, false)
            )
        }
    }
}
