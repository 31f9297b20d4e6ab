//! The agents with a language model by script: what it adds, what it may not, and what the journal keeps of it.

use std::{collections::BTreeMap, sync::Arc};

use kubemedic_model::{
    approval::Approval,
    consultation::ConsultationOutcome,
    event::{Agent, RecordedEvent, WorkflowFact},
    id::{FeedbackId, WorkflowId},
    learning::{DecisionHint, RejectReason},
};
use kubemedic_ports::chat_model::{ChatError, ChatModel, ChatRequest, Turn};
use kubemedic_testkit::scripted_model::{Scripted, ScriptedModel};
use kubemedic_workflow::{
    engine::Engine,
    models::{Models, ModelsConfig},
    workflows::Submission,
};
use serde_json::{Value, json};

use crate::{
    real_engine::CRASH_LOOP,
    world::{World, drain, open, run},
};

const AGENTS: [Agent; 4] = [
    Agent::MonitoringAgent,
    Agent::AnalysisAgent,
    Agent::RemediationAgent,
    Agent::KubectlCommandAgent,
];

/// A world in which every agent asks one model.
fn world_with(model: &Arc<ScriptedModel>) -> World {
    let world = World::default();
    let chain = || vec![model.clone() as Arc<dyn ChatModel>];
    let chains: BTreeMap<_, _> = AGENTS.into_iter().map(|agent| (agent, chain())).collect();
    let config = ModelsConfig {
        max_retries: 0,
        ..ModelsConfig::default()
    };
    let models = Models::new(config, chains, world.clock.clone());
    World {
        models: Arc::new(models),
        ..world
    }
}

/// What a sensible model answers to each agent.
fn sensible(request: &ChatRequest) -> Value {
    match request.schema.as_ref().unwrap().name.as_str() {
        "monitoring" => json!({"reasoning": "One error stands out.", "insights": [
            {"finding": "F1", "meaning": "The shop cannot keep carts.", "kind": "consequence", "priority": null}]}),
        "analysis" => json!({"reasoning": "The last state says OOMKilled. The limit is 256Mi.", "causes": [{
                "failure_class": "oom-killed", "cause": null,
                "object": {"kind": "Pod", "namespace": "shop", "name": "checkout-7d9c5b8f6d-x2x4z"}, "claim": "H1",
                "explanation": "The kernel ended it.", "contributing_factors": ["Carts are kept in memory."],
                "evidence": ["E1"], "confidence": 0.9}],
            "explanation_of_first": "The container was ended because it used more memory than its limit of 256Mi.",
            "disagreement_reason": null, "missing": []}),
        _ => json!({"reasoning": "The plan is good.", "plans": []}),
    }
}

async fn consultations(world: &World, id: WorkflowId) -> Vec<(Agent, ConsultationOutcome)> {
    let events = world.events(id).await;
    let facts = events.iter().filter_map(|it| match &it.event.fact {
        Some(WorkflowFact::Consulted { consultation }) => {
            Some((consultation.agent, consultation.outcome.clone()))
        }
        _ => None,
    });
    facts.collect()
}

fn thoughts(events: &[RecordedEvent]) -> Vec<&str> {
    let thinking = events.iter().filter(|it| it.event.kind == "agent.thinking");
    thinking.map(|it| it.event.data.as_str()).collect()
}

#[tokio::test]
async fn every_agent_asks_and_what_holds_stands_beside_the_engines_answer() {
    let model = Arc::new(ScriptedModel::answering("openai:scripted", |request| {
        Scripted::json(&sensible(request))
    }));
    let world = world_with(&model);
    let services = world.started_with(Engine::default()).await;
    let id = run(&services, CRASH_LOOP).await;
    let asked = consultations(&world, id).await;
    let used = |agent| {
        let outcome = ConsultationOutcome::Used {
            model: model.name().to_string(),
            from_cache: false,
        };
        (agent, outcome)
    };
    let agents = [
        Agent::MonitoringAgent,
        Agent::AnalysisAgent,
        Agent::RemediationAgent,
    ];
    assert_eq!(asked, agents.map(used));
    let events = world.events(id).await;
    let told = thoughts(&events).join(" ");
    assert!(told.contains("The last state says OOMKilled."), "{told}");
    let frames = drain(open(&services, id, None, false).await).await;
    let result = |agent: &str| -> Value {
        let frame = frames
            .iter()
            .find(|it| it["agent_name"] == agent && it["status"] == "COMPLETED")
            .unwrap();
        serde_json::from_str(frame["data"].as_str().unwrap()).unwrap()
    };
    let first = &result("AnalysisAgent")["root_cause_analysis"][0];
    assert_eq!(first["failure_class"], "oom-killed");
    assert!(
        first["explanation"]
            .as_str()
            .unwrap()
            .contains("more memory than its limit of 256Mi")
    );
    let meaning = &result("MonitoringAgent")["errors"][0]["additional_context"]["meaning"];
    assert_eq!(meaning, "The shop cannot keep carts.");
    services.shutdown().await;
}

#[tokio::test]
async fn the_model_sees_fenced_and_redacted_data_only() {
    let model = Arc::new(ScriptedModel::answering("openai:scripted", |request| {
        Scripted::json(&sensible(request))
    }));
    let world = world_with(&model);
    let services = world.started_with(Engine::default()).await;
    run(&services, CRASH_LOOP).await;
    for request in model.requests() {
        let [Turn::User { text }] = request.turns.as_slice() else {
            panic!("{:?}", request.turns);
        };
        assert!(!text.contains("correct-horse") && !request.system.contains("correct-horse"));
        assert!(text.contains(&request.boundary));
        assert!(
            !request.system.contains("checkout"),
            "names of the cluster stand in fenced data only"
        );
    }
    services.shutdown().await;
}

#[tokio::test]
async fn without_an_answer_the_engine_answers_alone_and_the_journal_says_why() {
    let model = Arc::new(ScriptedModel::answering("openai:scripted", |_| {
        Scripted::error(ChatError::Auth {
            reason: "no such key".to_owned(),
        })
    }));
    let world = world_with(&model);
    let services = world.started_with(Engine::default()).await;
    let id = run(&services, CRASH_LOOP).await;
    let asked = consultations(&world, id).await;
    assert_eq!(asked.len(), 3);
    for (_, outcome) in asked {
        let ConsultationOutcome::NotUsed { reason } = outcome else {
            panic!("{outcome:?}")
        };
        assert!(
            reason.contains("no such key") || reason.contains("not asked"),
            "{reason}"
        );
    }
    let summary = kubemedic_ports::journal::Journal::workflow(&*world.journal, id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(summary.failure_class.unwrap().id(), "oom-killed");
    assert!(!world.approvals().await.is_empty());
    services.shutdown().await;
}

#[tokio::test]
async fn a_model_may_look_at_more_evidence_for_so_many_rounds_only() {
    let model = Arc::new(ScriptedModel::answering("openai:scripted", |request| {
        if request.tools.is_empty() {
            return Scripted::json(&sensible(request));
        }
        Scripted::call(
            "search_logs",
            json!({"words": "cart", "service": null, "limit": 3}),
        )
    }));
    let world = world_with(&model);
    let services = world.started_with(Engine::default()).await;
    let id = run(&services, CRASH_LOOP).await;
    let rounds = model.requests().iter().filter(|it| !it.tools.is_empty()).count();
    // Four rounds of functions, the last word without them, and the one repair of an answer that is none.
    assert!((5..=8).contains(&rounds), "{rounds}");
    let outcome = consultations(&world, id)
        .await
        .into_iter()
        .find(|(agent, _)| *agent == Agent::AnalysisAgent);
    assert!(
        matches!(outcome, Some((_, ConsultationOutcome::NotUsed { .. }))),
        "{outcome:?}"
    );
    let summary = kubemedic_ports::journal::Journal::workflow(&*world.journal, id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(summary.failure_class.unwrap().id(), "oom-killed");
    services.shutdown().await;
}

#[tokio::test]
async fn a_restart_gives_no_new_daily_budget() {
    let model = Arc::new(ScriptedModel::answering("openai:scripted", |request| {
        Scripted::json(&sensible(request))
    }));
    let world = world_with(&model);
    let services = world.started_with(Engine::default()).await;
    run(&services, CRASH_LOOP).await;
    services.shutdown().await;
    let spent = world.models.spending_today();
    assert!(spent.calls >= 3 && spent.usage.total_tokens() > 0, "{spent:?}");
    let models = world_with(&model).models;
    let restarted = World {
        models: models.clone(),
        ..world
    };
    let services = restarted.started_with(Engine::default()).await;
    assert_eq!(models.spending_today(), spent);
    services.shutdown().await;
}

#[tokio::test]
async fn a_workflow_that_is_stopped_while_a_model_thinks_asks_again_at_the_next_start() {
    let model = Arc::new(ScriptedModel::answering("openai:scripted", |_| Scripted::never()));
    let world = world_with(&model);
    let services = world.started_with(Engine::default()).await;
    let id = services
        .workflows
        .start(Submission::Text(CRASH_LOOP.to_owned()))
        .await
        .unwrap();
    while model.under_way() == 0 {
        tokio::task::yield_now().await;
    }
    services.shutdown().await;
    assert_eq!(consultations(&world, id).await, Vec::new());
    let sensible_model = Arc::new(ScriptedModel::answering("openai:scripted", |request| {
        Scripted::json(&sensible(request))
    }));
    let restarted = World {
        models: world_with(&sensible_model).models,
        ..world
    };
    let services = restarted.started_with(Engine::default()).await;
    services.settle().await;
    assert_eq!(consultations(&restarted, id).await.len(), 3);
    services.shutdown().await;
}

/// A model that wants another way than the engine's, and in its second answer the one that it is given for that.
fn chooser(first: &'static str, second: &'static str) -> Arc<ScriptedModel> {
    Arc::new(ScriptedModel::answering("openai:scripted", move |request| {
        if request.schema.as_ref().unwrap().name != "remediation" {
            return Scripted::json(&sensible(request));
        }
        let strategy = if request.turns.len() == 1 { first } else { second };
        Scripted::json(&json!({"reasoning": "Another way is better.", "plans": [{
            "root_cause": "1", "strategy": strategy, "steps": [], "preventive_measures": [], "manual_steps": []}]}))
    }))
}

/// Rejects what the model wants until what was learnt speaks against it. Returns the newest approval, the model's last
/// conversation on it, and who planned.
async fn rejected_until_questioned(model: &Arc<ScriptedModel>) -> (Approval, ChatRequest, Value) {
    let world = world_with(model);
    let services = world.started_with(Engine::default()).await;
    for _ in 0..12 {
        run(&services, CRASH_LOOP).await;
        let approval = world.approvals().await.pop().unwrap();
        let requests = model.requests();
        let mut asked = requests.iter().rev();
        let last = asked
            .find(|it| it.schema.as_ref().unwrap().name == "remediation")
            .unwrap();
        if last.turns.len() > 1 {
            let id = FeedbackId::new(approval.metadata["feedback_id"].as_str().unwrap()).unwrap();
            let why = services.feedback.why(&id).unwrap();
            services.shutdown().await;
            return (approval, last.clone(), why["proposals"][0]["llm"].clone());
        }
        assert_eq!(approval.metadata["strategy"], "rollback");
        let hint = DecisionHint {
            reason_kind: Some(RejectReason::Ineffective),
            prefer: None,
        };
        services
            .approvals
            .reject_because(approval.id.as_str(), Some("ann".into()), None, hint)
            .await
            .unwrap();
        services.settle().await;
    }
    panic!("nothing was ever questioned");
}

#[tokio::test]
async fn a_far_worse_way_is_questioned_once_and_then_both_are_shown() {
    let (insisted, asked, by) = rejected_until_questioned(&chooser("rollback", "rollback")).await;
    let [_, Turn::Assistant { .. }, Turn::User { text }] = asked.turns.as_slice() else {
        panic!("{:?}", asked.turns);
    };
    assert!(
        text.contains("the strategy 'rollback'") && text.contains("far worse here than 'patch_memory'"),
        "{text}"
    );
    assert!(text.contains("Learnt against it:"), "{text}");
    assert_eq!(insisted.metadata["strategy"], "rollback");
    let others = insisted.metadata["alternative_strategies"].as_array().unwrap();
    assert!(others.contains(&json!("patch_memory")), "{others:?}");
    assert_eq!(by, "openai:scripted");

    let (gave_way, _, _) = rejected_until_questioned(&chooser("rollback", "patch_memory")).await;
    assert_eq!(gave_way.metadata["strategy"], "patch_memory");
    let others = gave_way.metadata["alternative_strategies"].as_array().unwrap();
    assert!(others.contains(&json!("rollback")), "{others:?}");
}
