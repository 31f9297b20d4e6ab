//! Learning on the real path: incidents through the API, an operator of namespace `payments` who rejects restarts as too risky and
//! approves rollbacks that then work, and one of `shop` who approves what is proposed, which then works too.

use serde_json::{Value, json};

use crate::world::{SAMPLE, World, get, post, world};

/// An exhausted connection pool of a namespace.
fn incident(namespace: &str) -> Value {
    let line = "2026-03-04T10:00:00Z ERROR org.postgresql.util.PSQLException: FATAL: sorry, too many clients already";
    json!({
        "namespace": namespace,
        "cluster": "east",
        "kubectl": {
            format!("kubectl get pods -n {namespace}"):
                "NAME                        READY   STATUS    RESTARTS   AGE\ncheckout-6c8d9b7f54-2kzql   0/1     Running   0          3d\n",
            format!("kubectl logs checkout-6c8d9b7f54-2kzql -n {namespace}"): format!("{line}\n{line}\n"),
        },
    })
}

/// What the agents proposed.
pub(crate) struct Proposed {
    strategy: String,
    approval: String,
    pub(crate) feedback: String,
}

pub(crate) async fn proposed(world: &World, namespace: &str) -> Proposed {
    let started = post(&world.backend, "/api/v1/workflows/start", incident(namespace)).await;
    assert_eq!(started.status, 202, "{}", started.text);
    world.settle().await;
    let workflow = started.json()["workflow_id"].as_str().unwrap().to_owned();
    let details = get(&world.backend, &format!("/api/v1/workflows/{workflow}"))
        .await
        .json();
    let approval = details["approvals"][0].as_str().unwrap().to_owned();
    let shown = get(&world.approvals, &format!("/api/approvals/{approval}"))
        .await
        .json();
    let text = |key: &str| shown["metadata"][key].as_str().unwrap().to_owned();
    Proposed {
        strategy: text("strategy"),
        feedback: text("feedback_id"),
        approval,
    }
}

async fn reject(world: &World, it: &Proposed, kind: &str, reason: &str) {
    let path = format!("/api/approvals/{}/reject", it.approval);
    let body = json!({"approver": "ann", "reason": reason, "reason_kind": kind});
    let answer = post(&world.approvals, &path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

pub(crate) async fn approve(world: &World, it: &Proposed, approver: &str, outcome: &str) {
    let path = format!("/api/approvals/{}/approve", it.approval);
    let answer = post(&world.approvals, &path, json!({"approver": approver})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = json!({"feedback_id": it.feedback, "outcome": outcome});
    let answer = post(&world.backend, "/api/v1/feedback/outcome", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// The operator of payments.
async fn judge(world: &World, it: &Proposed) {
    match it.strategy.as_str() {
        "rollback" => approve(world, it, "ann", "resolved").await,
        "restart" => reject(world, it, "too_risky", "payments may not lose its sessions").await,
        _ => reject(world, it, "other", "nobody is here to do that by hand").await,
    }
}

pub(crate) async fn state_hash(world: &World) -> String {
    let statistics = get(&world.backend, "/api/v1/feedback/statistics").await.json();
    statistics["learning"]["state_hash"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn sixty_incidents_teach_payments_to_roll_back_and_leave_others_as_they_were() {
    // Over a week, and within a minute, where what one person can teach in a day is capped.
    for seconds_apart in [3 * 3_600, 1] {
        sixty_incidents(seconds_apart).await;
    }
}

async fn sixty_incidents(seconds_apart: i64) {
    let world = world();
    let (mut payments, mut shop) = (Vec::new(), Vec::new());
    for round in 0..60 {
        world.clock.advance_seconds(seconds_apart);
        if round % 2 == 0 {
            let it = proposed(&world, "shop").await;
            approve(&world, &it, "bob", "resolved").await;
            shop.push(it.strategy);
        } else {
            let it = proposed(&world, "payments").await;
            judge(&world, &it).await;
            payments.push(it);
        }
    }
    // That rollbacks help is known everywhere and may move them among shop's alternatives; what is proposed there stays.
    assert!(shop.iter().all(|it| it == "fix_config"), "{shop:?}");
    let ways: Vec<&str> = payments.iter().map(|it| it.strategy.as_str()).collect();
    assert_eq!(ways[0], "fix_config");
    assert!(ways.contains(&"restart"), "{ways:?}");
    assert!(ways[20..].iter().all(|it| *it == "rollback"), "{ways:?}");

    let changed = payments.iter().find(|it| it.strategy == "rollback").unwrap();
    let why = get(
        &world.backend,
        &format!("/api/v1/learning/why/{}", changed.feedback),
    )
    .await
    .json();
    let proposal = &why["proposals"][0];
    assert_eq!(proposal["is_changed_by_learning"], json!(true));
    assert_eq!(proposal["untaught_order"][0], json!("fix_config"));
    assert_eq!(proposal["order"][0], json!("rollback"));
    let restart = proposal["arms"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["arm"] == json!("restart"))
        .unwrap();
    let sources: Vec<&Value> = restart["contributions"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|it| it["from"].as_array().unwrap())
        .collect();
    let told = sources.iter().any(|it| {
        it["reason"] == json!("too_risky") && it["words"] == json!("payments may not lose its sessions")
    });
    assert!(told, "{restart}");
    let unknown = get(&world.backend, "/api/v1/learning/why/nobody").await;
    assert_eq!(
        unknown.told(),
        (404, json!({"detail": "Feedback ID 'nobody' not found"}))
    );

    // Another process folds the same journal: the same state, the same proposal.
    let hash = state_hash(&world).await;
    let again = world.restarted();
    assert_eq!(proposed(&again, "payments").await.strategy, "rollback");
    assert_eq!(state_hash(&again).await, hash);
}

#[tokio::test]
async fn the_page_tells_what_earlier_answers_say_of_each_repair() {
    let world = world();
    let first = proposed(&world, "payments").await;
    let page = |approval: String| {
        let world = &world;
        async move {
            get(&world.approvals, &format!("/approvals/{approval}"))
                .await
                .text
        }
    };
    let untaught = page(first.approval.clone()).await;
    assert!(
        untaught.contains("Nobody has answered to such a plan yet"),
        "{untaught}"
    );
    assert!(untaught.contains("from the knowledge base alone"), "{untaught}");
    reject(&world, &first, "too_risky", "payments may not lose its sessions").await;
    let second = proposed(&world, "payments").await;
    let taught = page(second.approval).await;
    assert!(
        !taught.contains("Nobody has answered")
            && taught.contains("1 decision, 0 outcomes; ")
            && taught.contains("team payments speaks against approval"),
        "{taught}"
    );
}

#[tokio::test]
async fn a_choice_stands_in_for_a_reason_and_a_preference_is_learnt() {
    let world = world();
    let it = proposed(&world, "payments").await;
    let approval = get(&world.approvals, &format!("/api/approvals/{}", it.approval))
        .await
        .json();
    let others = approval["metadata"]["alternative_strategies"].as_array().unwrap();
    assert!(others.contains(&json!("rollback")), "{others:?}");
    let page = get(&world.approvals, &format!("/approvals/{}", it.approval))
        .await
        .text;
    assert!(page.contains("id=\"reason-kind\"") && page.contains("value=\"rollback\""));
    let decisions: Vec<Value> = (0..approval["commands"].as_array().unwrap().len())
        .map(|index| json!({"index": index, "decision": "reject"}))
        .collect();
    let path = format!("/api/approvals/{}/decide", it.approval);
    let body =
        json!({"plan_digest": approval["plan_digest"], "decisions": decisions, "reason_kind": "maybe"});
    assert_eq!(post(&world.approvals, &path, body).await.status, 422);
    let body = json!({"plan_digest": approval["plan_digest"], "decisions": decisions, "reason_kind": "ineffective", "prefer": "rollback"});
    let answer = post(&world.approvals, &path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let why = get(&world.backend, &format!("/api/v1/learning/why/{}", it.feedback))
        .await
        .json();
    let taught = why["proposals"][0]["taught"].as_array().unwrap();
    let of = |signal: &str, arm: &str, head: &str| {
        taught
            .iter()
            .any(|it| it["signal"] == signal && it["arm"] == arm && it["head"] == head)
    };
    assert!(
        of("approval", "fix_config", "approve") && of("reason", "fix_config", "resolve"),
        "{taught:?}"
    );
    assert!(
        of("preference", "rollback", "approve") && of("preference", "rollback", "resolve"),
        "{taught:?}"
    );
}

/// What the sample's plan taught after a person approved the line that `edit` makes of its change, and the rest as it is.
async fn taught_by_edit(edit: impl Fn(&str) -> String) -> (Value, Vec<Value>) {
    let world = world();
    world.work_on(SAMPLE).await;
    let shown = get(&world.approvals, "/api/approvals?status=pending")
        .await
        .json();
    let approval = &shown["approvals"][0];
    assert_eq!(approval["metadata"]["strategy"], json!("patch_memory"));
    let decisions: Vec<Value> = approval["commands"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let line = it["command"].as_str().unwrap();
            if line.contains("set resources") {
                json!({"index": it["index"], "decision": "edit", "command": edit(line)})
            } else {
                json!({"index": it["index"], "decision": "approve"})
            }
        })
        .collect();
    let body = json!({"plan_digest": approval["plan_digest"], "decisions": decisions, "approver": "ann"});
    let path = format!("/api/approvals/{}/decide", approval["id"].as_str().unwrap());
    let answer = post(&world.approvals, &path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let id = approval["metadata"]["feedback_id"].as_str().unwrap();
    let why = get(&world.backend, &format!("/api/v1/learning/why/{id}"))
        .await
        .json();
    let statistics = get(&world.backend, "/api/v1/feedback/statistics").await.json();
    let taught = why["proposals"][0]["taught"].as_array().unwrap();
    let lessons = taught
        .iter()
        .map(|it| json!([it["arm"], it["head"], it["signal"], it["y"]]));
    (
        statistics["agent_statistics"]["RemediationAgent"]["rejected_count"].clone(),
        lessons.collect(),
    )
}

#[tokio::test]
async fn another_value_approves_the_repair_and_another_repair_is_a_preference_though_both_count_as_rejected()
{
    let more = |line: &str| {
        let words = line.split(' ').map(|word| {
            let is_limit = word.starts_with("--limits=");
            if is_limit { "--limits=memory=700Mi" } else { word }
        });
        words.collect::<Vec<_>>().join(" ")
    };
    let (rejected, taught) = taught_by_edit(more).await;
    assert_eq!(rejected, json!(1));
    assert_eq!(taught, [json!(["patch_memory", "approve", "approval", 1.0])]);

    let undo = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let object = words.iter().find(|it| it.contains('/')).unwrap();
        let namespace = words.iter().skip_while(|it| **it != "-n").nth(1).unwrap();
        format!("kubectl rollout undo {object} -n {namespace}")
    };
    let (rejected, taught) = taught_by_edit(undo).await;
    assert_eq!(rejected, json!(1));
    assert_eq!(
        taught,
        [
            json!(["patch_memory", "approve", "approval", 0.0]),
            json!(["rollback", "approve", "preference", 1.0]),
            json!(["rollback", "resolve", "preference", 1.0]),
        ]
    );
}
