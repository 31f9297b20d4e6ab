//! Hostile requests through the real routers: whatever is posted, the answer is JSON, of a bounded size and no 5xx.

use std::sync::LazyLock;

use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed, TestRunner},
};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use crate::world::{Answer, SAMPLE, World, request, send, world};

/// proptest's own number of cases; `PROPTEST_CASES` raises it (CONTRIBUTING.md, "Fuzzing").
const USUAL_CASES: u32 = 256;
/// The seed of the bounded run.
const SEED: u64 = 20_260_314;
/// No answer to a posted body is longer, in bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

const KEYS: &[&str] = &[
    "feedback_id",
    "rating",
    "was_helpful",
    "feedback_comments",
    "improvements_suggested",
    "rater",
    "approval_id",
    "status",
    "approved_count",
    "rejected_count",
    "rejection_reason",
    "decisions",
    "executions",
    "approver",
    "event_id",
    "occurred_at",
    "outcome",
    "observed_at",
    "is_provisional",
    "index",
    "indexes",
    "decision",
    "reason",
    "command",
    "commands",
    "explanation",
    "safety_level",
    "rollback",
    "metadata",
    "action",
    "plan_digest",
    "state",
    "exit_code",
    "output",
    "logs",
    "kubectl",
    "objects",
    "alerts",
    "source",
    "name",
    "workflow_id",
    "cluster",
];

/// What can be named in a request: ids that exist, words of closed sets, commands.
struct Fixture {
    runtime: Runtime,
    world: World,
    workflow: String,
    words: Vec<String>,
}

/// One world for all cases: what one request leaves behind is the next one's ground.
static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let world = world();
    let (workflow, ids) = runtime.block_on(async {
        let workflow = world.work_on(SAMPLE).await;
        let details = ask(
            &world,
            "GET",
            &format!("/api/v1/workflows/{workflow}"),
            String::new(),
        )
        .await;
        let opportunities = ask(
            &world,
            "GET",
            &format!("/api/v1/feedback/workflow/{workflow}"),
            String::new(),
        )
        .await;
        let feedback = opportunities.json()["feedback_opportunities"][0]["feedback_id"].clone();
        let proposed = world.propose(&["kubectl get pods -n shop"]).await;
        let ids = vec![
            details.json()["approvals"][0].as_str().unwrap().to_owned(),
            feedback.as_str().unwrap().to_owned(),
            proposed,
        ];
        (workflow, ids)
    });
    let words = [
        "",
        " ",
        "approved",
        "rejected",
        "partially_approved",
        "expired",
        "approve",
        "reject",
        "edit",
        "resolved",
        "worsened",
        "succeeded",
        "unknown",
        "kubectl get pods",
        "kubectl delete ns shop",
        "kubectl get secrets -o yaml",
        "kubectl patch deploy x -p '{\"a\":1}'",
        "rm -rf /",
        "2026-03-14T09:26:41Z",
        "9999-12-31T23:59:59.999999999Z",
        "-262144-01-01T00:00:00Z",
        "1e999",
        "5",
        "yes",
        "\u{0}",
        "日本語\u{202e}",
        "files",
        "elasticsearch",
    ];
    let words = words.iter().map(|it| (*it).to_owned()).chain(ids).collect();
    Fixture {
        runtime,
        world,
        workflow,
        words,
    }
});

async fn ask(world: &World, method: &str, path: &str, body: String) -> Answer {
    let router = if path.starts_with("/api/approvals") {
        &world.approvals
    } else {
        &world.backend
    };
    send(
        router,
        request(method, path, &[("content-type", "application/json")], body),
    )
    .await
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2_i64..8).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(json!(u64::MAX)),
        prop::sample::select(FIXTURE.words.clone()).prop_map(Value::from),
        prop::sample::select(FIXTURE.words.clone()).prop_map(Value::from),
        "\\PC{0,30}".prop_map(Value::from),
        (0_usize..20_000).prop_map(|length| Value::from("x".repeat(length))),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            object_of(inner),
        ]
    })
}

fn object_of(values: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let pairs = prop::collection::vec((prop::sample::select(KEYS), values), 0..7);
    pairs.prop_map(|pairs| {
        let object: Map<String, Value> = pairs
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        Value::Object(object)
    })
}

/// JSON with the keys that are read, and now and then a tail cut off or a byte changed.
fn body() -> impl Strategy<Value = String> {
    let cut = prop_oneof![4 => Just(None), 1 => (0_usize..200).prop_map(Some)];
    (object_of(value()), cut).prop_map(|(object, cut)| {
        let text = object.to_string();
        match cut {
            Some(at) => text.chars().take(at).collect(),
            None => text,
        }
    })
}

fn path() -> impl Strategy<Value = (&'static str, String)> {
    let approval = FIXTURE
        .words
        .iter()
        .rev()
        .find(|it| it.starts_with("approval_"))
        .unwrap()
        .clone();
    prop::sample::select(vec![
        ("POST", "/api/v1/feedback/submit".to_owned()),
        ("POST", "/api/v1/feedback/mcp-approval".to_owned()),
        ("POST", "/api/v1/feedback/outcome".to_owned()),
        ("POST", "/api/v1/workflows/start".to_owned()),
        ("POST", "/api/approvals/propose".to_owned()),
        ("POST", format!("/api/approvals/{approval}/approve")),
        ("POST", format!("/api/approvals/{approval}/decide")),
        ("POST", format!("/api/approvals/{approval}/reject")),
        ("POST", "/api/approvals/approval_0/decide".to_owned()),
    ])
}

fn config(usual: u32) -> Config {
    let asked = Config::default();
    let bounded = asked.cases == USUAL_CASES && asked.rng_seed == RngSeed::Random;
    Config {
        cases: usual.saturating_mul(asked.cases) / USUAL_CASES,
        rng_seed: if bounded {
            RngSeed::Fixed(SEED)
        } else {
            asked.rng_seed
        },
        failure_persistence: None,
        ..asked
    }
}

#[test]
fn whatever_is_posted_the_answer_is_json_and_no_server_error() {
    let fixture = &*FIXTURE;
    let mut runner = TestRunner::new(config(1500));
    let ran = runner.run(&(path(), body()), |((method, path), body)| {
        let answer = fixture
            .runtime
            .block_on(ask(&fixture.world, method, &path, body.clone()));
        prop_assert!(
            answer.status.as_u16() < 500 || answer.status == 502,
            "{method} {path}: {} {}",
            answer.status,
            answer.text
        );
        prop_assert!(
            answer.text.len() <= MAX_ANSWER_BYTES + 3 * body.len(),
            "{method} {path}: {} bytes",
            answer.text.len()
        );
        let told: Value = serde_json::from_str(&answer.text).unwrap();
        prop_assert!(
            answer.status.is_success() || told.get("detail").is_some(),
            "{told}"
        );
        Ok(())
    });
    ran.unwrap();
}

/// What is asked for, up to the query.
const ROOTS: &[&str] = &[
    "/api/v1/workflows?",
    "/api/v1/fetchlogs?",
    "/api/v1/feedback/top-examples/RemediationAgent?",
    "/api/v1/workflows/WORKFLOW/stream?",
    "/api/v1/workflows/WORKFLOW?",
    "/api/v1/feedback/workflow/",
    "/api/v1/workflows/",
    "/api/approvals?",
    "/api/approvals/",
    "/approvals/",
];
/// The names of parameters.
const NAMES: &[&str] = &[
    "limit",
    "status",
    "after",
    "pull_interval",
    "filter_pattern",
    "min_reward",
    "source",
    "",
];

#[test]
fn whatever_is_asked_the_answer_is_no_server_error() {
    let fixture = &*FIXTURE;
    let mut runner = TestRunner::new(config(1000));
    let query = prop::collection::vec(
        (
            prop::sample::select(NAMES),
            "(-?[0-9]{0,22}|[a-z*:%]{0,8}|%[0-9a-f]{2}|NaN|1e9|true)",
        ),
        0..4,
    );
    let ran = runner.run(&(prop::sample::select(ROOTS), query), |(root, query)| {
        let pairs: Vec<String> = query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let path = format!(
            "{}{}",
            root.replace("WORKFLOW", &fixture.workflow),
            pairs.join("&")
        );
        // A path that no client can send is not a request.
        if path.parse::<axum::http::Uri>().is_err() {
            return Ok(());
        }
        let asked = async { ask(&fixture.world, "GET", &path, String::new()).await };
        let answer = fixture.runtime.block_on(asked);
        prop_assert!(
            answer.status.as_u16() < 500 || answer.status == 502,
            "{path}: {} {}",
            answer.status,
            answer.text
        );
        // The approval page is for people; everything else tells its errors as JSON.
        if answer.status.is_client_error() && !path.starts_with("/approvals/") {
            let told: Value = serde_json::from_str(&answer.text).unwrap();
            prop_assert!(told.get("detail").is_some(), "{path}: {told}");
        }
        Ok(())
    });
    ran.unwrap();
}
