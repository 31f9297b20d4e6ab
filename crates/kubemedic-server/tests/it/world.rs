//! Both ports over services that live in memory: what every test of the edge starts from.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{Request, Response, StatusCode},
};
use kubemedic_ports::{clock::Clock, log_source::LogSource};
use kubemedic_server::{EdgeConfig, approval_router, backend_router};
use kubemedic_testkit::{
    manual_clock::{ManualClock, START},
    memory_feedback_file::MemoryFeedbackFile,
    memory_journal::MemoryJournal,
    memory_snapshots::MemorySnapshots,
    scripted_cluster::ScriptedCluster,
    sequential_ids::SequentialIds,
};
use kubemedic_workflow::{
    models::Models,
    services::{Ports, Services, ServicesConfig},
};
use serde_json::Value;
use tower::ServiceExt;

/// The bundled sample: a pod that is killed for its memory.
pub(crate) const SAMPLE: &str = include_str!("../../../../samples/checkout-outage.log");

/// The edge with everything behind it.
pub(crate) struct World {
    pub(crate) services: Services,
    started: tokio::sync::OnceCell<()>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) backend: Router,
    pub(crate) approvals: Router,
    journal: Arc<MemoryJournal>,
}

/// An unconfigured edge.
pub(crate) fn world() -> World {
    world_with(|_| {})
}

/// An edge with settings.
pub(crate) fn world_with(change: impl FnOnce(&mut EdgeConfig)) -> World {
    built(change, Vec::new())
}

/// An edge with log sources.
pub(crate) fn world_with_sources(log_sources: Vec<Arc<dyn LogSource>>) -> World {
    built(|_| {}, log_sources)
}

fn built(change: impl FnOnce(&mut EdgeConfig), log_sources: Vec<Arc<dyn LogSource>>) -> World {
    let clock = Arc::new(ManualClock::at(START));
    over(
        (Arc::new(MemoryJournal::new()), clock, SequentialIds::default()),
        change,
        log_sources,
    )
}

/// An edge over a journal, at a time, with ids that are still free.
fn over(
    (journal, clock, ids): (Arc<MemoryJournal>, Arc<ManualClock>, SequentialIds),
    change: impl FnOnce(&mut EdgeConfig),
    log_sources: Vec<Arc<dyn LogSource>>,
) -> World {
    let ports = Ports {
        journal: journal.clone(),
        clock: clock.clone(),
        ids: Arc::new(ids),
        cluster: Arc::new(ScriptedCluster::without_context()),
        gateway: None,
        notifier: None,
        feedback_file: Arc::new(MemoryFeedbackFile::default()),
        snapshots: Arc::new(MemorySnapshots::default()),
        log_sources,
        models: Arc::new(Models::none()),
        embedder: None,
    };
    let services = Services::build(ServicesConfig::default(), ports);
    let dyn_clock: Arc<dyn Clock> = clock.clone();
    let mut config = EdgeConfig::loopback(dyn_clock);
    change(&mut config);
    World {
        backend: backend_router(services.clone(), config.clone()),
        approvals: approval_router(services.clone(), config),
        services,
        started: tokio::sync::OnceCell::new(),
        clock,
        journal,
    }
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// The status and the JSON, to compare at once.
    pub(crate) fn told(&self) -> (u16, Value) {
        (self.status.as_u16(), self.json())
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Sends a request through a router.
pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response: Response<Body> = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8(bytes.to_vec()).unwrap(),
    }
}

/// A request as a local client sends it.
pub(crate) fn request(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Request<Body> {
    let mut builder = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        builder = builder.header("host", "localhost:8000");
    }
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(body.into()).unwrap()
}

pub(crate) async fn get(router: &Router, path: &str) -> Answer {
    send(router, request("GET", path, &[], Body::empty())).await
}

pub(crate) async fn post(router: &Router, path: &str, body: Value) -> Answer {
    let headers = [("content-type", "application/json")];
    send(router, request("POST", path, &headers, body.to_string())).await
}

impl World {
    /// Another process over the same journal.
    pub(crate) fn restarted(&self) -> Self {
        let ids = SequentialIds::starting_at(1_000_000);
        over(
            (self.journal.clone(), self.clock.clone(), ids),
            |_| {},
            Vec::new(),
        )
    }

    /// Starts the work in the background, once, and waits until it is done.
    pub(crate) async fn settle(&self) {
        self.started
            .get_or_init(async || self.services.start().await.unwrap())
            .await;
        self.services.settle().await;
    }

    /// Starts the agents on a text and waits until they are done.
    pub(crate) async fn work_on(&self, text: &str) -> String {
        let answer = send(
            &self.backend,
            request("POST", "/api/v1/workflows/start", &[], text.to_owned()),
        )
        .await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        self.settle().await;
        answer.json()["workflow_id"].as_str().unwrap().to_owned()
    }

    /// Proposes commands as another program does and returns the approval's id.
    pub(crate) async fn propose(&self, commands: &[&str]) -> String {
        let commands: Vec<Value> = commands
            .iter()
            .map(
                |line| serde_json::json!({"command": line, "explanation": "because", "safety_level": "SAFE"}),
            )
            .collect();
        let body =
            serde_json::json!({"action": "repair api", "commands": commands, "metadata": {"service": "api"}});
        let answer = post(&self.approvals, "/api/approvals/propose", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["approval_id"].as_str().unwrap().to_owned()
    }
}
