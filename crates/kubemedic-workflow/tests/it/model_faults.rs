//! Three hundred workflows over two models that fail in every way that a provider can: each workflow ends in time with the engine's
//! right diagnosis, and says of each agent what became of its model.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use kubemedic_engine::{intake::Intake, monitoring::Monitoring};
use kubemedic_model::{
    consultation::{Consultation, ConsultationOutcome},
    diagnosis::Diagnosis,
    event::{Agent, WorkflowFact},
    id::WorkflowId,
    plan::Plan,
};
use kubemedic_ports::{
    chat_model::{ChatError, ChatModel, ChatRequest, CutBy, Delta},
    journal::Journal,
};
use kubemedic_testkit::scripted_model::{Scripted, ScriptedModel};
use kubemedic_workflow::{
    engine::Engine,
    models::{Models, ModelsConfig},
    services::Services,
    workflows::Submission,
};
use serde_json::json;
use tokio::time::Instant;

use crate::{
    real_engine::CRASH_LOOP,
    world::{World, drain, open},
};

const WORKFLOWS: u64 = 300;
/// A workflow begins so often.
const PACE: Duration = Duration::from_millis(1500);
/// What stands in an answer that was cut short: nothing of it may be found anywhere.
const CUT: &str = "CUT-SHORT";
const AGENTS: [Agent; 3] = [
    Agent::MonitoringAgent,
    Agent::AnalysisAgent,
    Agent::RemediationAgent,
];

/// An answer with nothing to add, which every agent accepts.
fn nothing_to_add(request: &ChatRequest) -> Scripted {
    let name = request.schema.as_ref().map_or("", |it| it.name.as_str());
    Scripted::json(&match name {
        "monitoring" => json!({"reasoning": "All is said.", "insights": []}),
        "analysis" => json!({"reasoning": "All is said.", "causes": [], "explanation_of_first": "It is so.",
            "disagreement_reason": null, "missing": []}),
        _ => json!({"reasoning": "All is said.", "plans": []}),
    })
}

/// What happens to the n-th request of a model.
fn fault(number: usize, request: &ChatRequest) -> Scripted {
    let reason = || "scripted".to_owned();
    let seconds = Duration::from_secs;
    let begun = || Delta::Text(format!("{{\"reasoning\": \"{CUT}."));
    let overloaded = |after, status: &str| {
        Scripted::error(ChatError::Overloaded {
            after,
            reason: status.to_owned(),
        })
    };
    match number % 26 {
        0 => Scripted::error(ChatError::RateLimited {
            after: None,
            reason: reason(),
        }),
        2 => Scripted::error(ChatError::RateLimited {
            after: Some(seconds(3)),
            reason: reason(),
        }),
        4 => overloaded(None, "500"),
        6 => overloaded(Some(seconds(1)), "503"),
        8 => nothing_to_add(request).after(seconds(20)),
        10 => Scripted::never().piece(begun()),
        12 => Scripted::error(ChatError::Truncated {
            by: CutBy::Connection,
        })
        .piece(begun()),
        14 => Scripted::error(ChatError::Transport { reason: reason() }).after(seconds(1)),
        16 => Scripted::error(ChatError::Malformed { reason: reason() }),
        18 => Scripted::error(ChatError::Blocked {
            reason: "SAFETY".to_owned(),
        }),
        20 => Scripted::error(ChatError::Truncated { by: CutBy::Tokens }).piece(begun()),
        22 => Scripted::text(""),
        24 => Scripted::text(&format!("{{\"reasoning\": \"{CUT}")),
        _ => nothing_to_add(request).after(seconds(2)),
    }
}

fn faulty(name: &str, step: usize) -> Arc<ScriptedModel> {
    let count = AtomicUsize::new(0);
    Arc::new(ScriptedModel::answering(name, move |request| {
        fault(count.fetch_add(1, Ordering::SeqCst) * step, request)
    }))
}

/// The engine, asked once: every workflow has the same input.
fn engine() -> Engine {
    static READ: OnceLock<Intake> = OnceLock::new();
    static FOUND: OnceLock<Monitoring> = OnceLock::new();
    static DIAGNOSED: OnceLock<Diagnosis> = OnceLock::new();
    static PLANNED: OnceLock<Vec<Plan>> = OnceLock::new();
    Engine {
        read: |input| READ.get_or_init(|| (Engine::default().read)(input)).clone(),
        monitor: |intake| FOUND.get_or_init(|| (Engine::default().monitor)(intake)).clone(),
        diagnose: |intake, monitoring| {
            let diagnose = Engine::default().diagnose;
            DIAGNOSED.get_or_init(|| diagnose(intake, monitoring)).clone()
        },
        plan: |diagnosis, snapshot, order| {
            let plan = Engine::default().plan;
            PLANNED.get_or_init(|| plan(diagnosis, snapshot, order)).clone()
        },
        ..Engine::default()
    }
}

fn world_with(chain: &[&Arc<ScriptedModel>]) -> World {
    let world = World::default();
    let chain = || chain.iter().map(|it| Arc::clone(*it) as Arc<dyn ChatModel>);
    let chains: BTreeMap<_, _> = AGENTS
        .into_iter()
        .map(|agent| (agent, chain().collect()))
        .collect();
    let config = ModelsConfig {
        // Every workflow asks the same: the cache would answer most of them.
        cache_entries: 0,
        ..ModelsConfig::default()
    };
    let models = Models::new(config, chains, world.clock.clone());
    World {
        models: Arc::new(models),
        ..world
    }
}

/// Runs a workflow to the end of its stream; how long it took.
async fn run_one(services: &Services, number: u32) -> (WorkflowId, Duration) {
    tokio::time::sleep(PACE * number).await;
    let began = Instant::now();
    let submission = Submission::Text(CRASH_LOOP.to_owned());
    let id = services.workflows.start(submission).await.unwrap();
    let frames = drain(open(services, id, None, false).await).await;
    let results = frames.iter().filter(|it| it["status"] == "COMPLETED");
    for result in results {
        let text = result["data"].as_str().unwrap();
        assert!(!text.contains(CUT), "an answer that is not whole was accepted");
    }
    (id, began.elapsed())
}

async fn consultations(world: &World, id: WorkflowId) -> Vec<Consultation> {
    let events = world.events(id).await;
    let facts = events.into_iter().filter_map(|it| match it.event.fact {
        Some(WorkflowFact::Consulted { consultation }) => Some(*consultation),
        _ => None,
    });
    facts.collect()
}

#[tokio::test(start_paused = true)]
async fn over_a_mix_of_all_faults_every_workflow_ends_in_time_with_the_engines_diagnosis_and_a_reason() {
    let first = faulty("gemini:gemini-3.8-flash", 1);
    let second = faulty("openai:fallback", 3);
    let world = world_with(&[&first, &second]);
    let services = world.started_with(engine()).await;
    let workflows = (0..).take(usize::try_from(WORKFLOWS).unwrap());
    let ended = join_all(workflows.map(|number| run_one(&services, number))).await;
    services.settle().await;

    let (mut used, mut reasons, mut calls) = (0_u64, BTreeMap::<String, u64>::new(), 0);
    for (id, took) in &ended {
        assert!(*took <= Duration::from_secs(181), "{took:?}");
        let summary = world.journal.workflow(*id).await.unwrap().unwrap();
        assert_eq!(summary.failure_class.unwrap().id(), "oom-killed");
        let asked = consultations(&world, *id).await;
        let agents: Vec<Agent> = asked.iter().map(|it| it.agent).collect();
        assert_eq!(agents, AGENTS);
        for consultation in asked {
            calls += consultation.spending.calls;
            match consultation.outcome {
                ConsultationOutcome::Used { .. } => used += 1,
                ConsultationOutcome::NotUsed { reason } => {
                    let says_why = ["gemini:", "openai:", "language models had", "JSON"];
                    assert!(says_why.iter().any(|it| reason.contains(it)), "{reason}");
                    *reasons.entry(reason).or_default() += 1;
                }
            }
        }
    }
    assert_eq!(ended.len() as u64, WORKFLOWS);
    let requests = (first.requests().len() + second.requests().len()) as u64;
    let not_used: u64 = reasons.values().sum();
    assert_eq!((calls, used + not_used), (requests, 3 * WORKFLOWS));
    // Every question may be asked once of each model and once more to mend an answer; a fifth of all may be tried again.
    assert!(requests <= 3 * WORKFLOWS * 3 * 12 / 10 + 20, "{requests}");
    assert!(used > 0 && not_used > 0, "{used} used, {not_used} not");
    services.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn workflows_over_a_provider_that_is_down_go_on_at_once_and_leave_it_alone() {
    let down = ChatError::Overloaded {
        after: None,
        reason: "503".to_owned(),
    };
    let model = Arc::new(ScriptedModel::always("openai:down", Scripted::error(down)));
    let world = world_with(&[&model]);
    let services = world.started_with(engine()).await;
    let workflows = 0..30;
    let began = Instant::now();
    let ended = join_all(workflows.map(|number| run_one(&services, number))).await;
    services.settle().await;
    for (id, took) in ended {
        assert!(took <= Duration::from_secs(5), "{took:?}");
        let asked = consultations(&world, id).await;
        let is_not_used = |it: &Consultation| matches!(&it.outcome, ConsultationOutcome::NotUsed { reason } if reason.contains("503"));
        assert!(asked.len() == 3 && asked.iter().all(is_not_used), "{asked:?}");
    }
    // Five open the breaker, few more were under way; then a probe looks after 30 seconds.
    let requests = model.requests().len();
    let seconds = began.elapsed().as_secs();
    assert!(requests <= 10, "{requests} requests in {seconds} seconds");
    services.shutdown().await;
}
