//! `/api/approvals` on the approval server.

use serde_json::{Value, json};

use crate::world::{get, post, request, send, world};

const READ: &str = "kubectl get pods -n shop";
const CHANGE: &str = "kubectl scale deployment api --replicas=3 -n shop";

#[tokio::test]
async fn a_proposal_waits_with_its_risk_recomputed() {
    let world = world();
    let body = json!({
        "action": "repair", "extra": 1,
        "commands": [{"command": CHANGE, "explanation": "why", "safety_level": "SAFE"}],
        "metadata": {"severity": "high", "service": "api"},
    });
    let answer = post(&world.approvals, "/api/approvals/propose", body).await;
    let told = answer.json();
    let id = told["approval_id"].as_str().unwrap();
    let expected = json!({
        "status": "pending", "message": "commands that wait for a person's decision: 1",
        "approval_url": format!("http://localhost:3100/approvals/{id}"), "approval_id": id,
    });
    assert_eq!((answer.status.as_u16(), &told), (200, &expected));
    let pending = get(&world.approvals, "/api/approvals/pending").await.json();
    let listed = &pending["approvals"][0];
    assert_eq!(
        (&listed["id"], &listed["status"], &listed["action"]),
        (&json!(id), &json!("pending"), &json!("repair"))
    );
    let command = &listed["commands"][0];
    assert_eq!(
        (&command["command"], &command["safety_level"]),
        (&json!(CHANGE), &json!("CAUTION"))
    );
    assert_eq!(
        (&command["decision"], &command["execution"]["state"]),
        (&Value::Null, &json!("not_configured"))
    );
    assert_eq!(
        &get(&world.approvals, &format!("/api/approvals/{id}"))
            .await
            .json(),
        listed
    );
    assert_eq!(
        get(&world.approvals, "/api/approvals?status=pending")
            .await
            .json(),
        pending
    );
    assert_eq!(
        get(&world.approvals, "/api/approvals?status=approved")
            .await
            .json(),
        json!({"approvals": []})
    );
    assert_eq!(
        get(&world.approvals, "/api/approvals?status=odd").await.status,
        422
    );
}

#[tokio::test]
async fn the_same_key_and_body_give_the_same_answer_and_another_body_409() {
    let world = world();
    let propose = async |body: &str| {
        let headers = [("idempotency-key", "k1"), ("content-type", "application/json")];
        send(
            &world.approvals,
            request("POST", "/api/approvals/propose", &headers, body.to_owned()),
        )
        .await
    };
    let body = json!({"action": "a", "commands": [{"command": READ, "explanation": ""}]}).to_string();
    let first = propose(&body).await;
    let again = propose(&body).await;
    assert_eq!((first.status, first.json()), (again.status, again.json()));
    let other = propose(&body.replace("\"a\"", "\"b\"")).await;
    let detail = "idempotency key 'k1' was used for another proposal";
    assert_eq!(other.told(), (409, json!({"detail": detail, "error": detail})));
}

#[tokio::test]
async fn a_forbidden_command_is_422_naming_it() {
    let world = world();
    for line in [
        "rm -rf /",
        "kubectl exec -it api -- sh",
        "kubectl get pods; kubectl delete pods --all",
    ] {
        let body = json!({"action": "a", "commands": [{"command": READ, "explanation": ""}, {"command": line, "explanation": ""}]});
        let answer = post(&world.approvals, "/api/approvals/propose", body).await;
        assert_eq!(answer.status, 422, "{line}");
        let told = answer.json();
        assert_eq!(
            told["detail"][0]["loc"],
            json!(["body", "commands", 1, "command"])
        );
        assert!(told["error"].as_str().unwrap().contains(line), "{told}");
    }
}

#[tokio::test]
async fn a_proposal_of_another_form_is_422_with_every_place() {
    let world = world();
    let answer = post(
        &world.approvals,
        "/api/approvals/propose",
        json!({"action": 1, "commands": [{"explanation": "x"}, "y"], "metadata": []}),
    )
    .await;
    let places: Vec<Value> = answer.json()["detail"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["loc"].clone())
        .collect();
    assert_eq!(answer.status, 422);
    let expected = [
        json!(["body", "action"]),
        json!(["body", "commands", 0, "command"]),
        json!(["body", "commands", 1]),
        json!(["body", "metadata"]),
    ];
    assert_eq!(places, expected);
    assert_eq!(
        post(&world.approvals, "/api/approvals/propose", json!({"action": "a"}))
            .await
            .status,
        422
    );
}

#[tokio::test]
async fn an_approval_is_approved_once() {
    let world = world();
    let id = world.propose(&[READ, CHANGE]).await;
    let path = format!("/api/approvals/{id}/approve");
    let answer = send(&world.approvals, request("POST", &path, &[], "")).await;
    assert_eq!(
        answer.told(),
        (
            200,
            json!({"status": "approved", "message": "commands approved: 2, rejected: 0"})
        )
    );
    let again = send(&world.approvals, request("POST", &path, &[], "")).await;
    let detail = format!("approval '{id}' is already approved");
    assert_eq!(
        again.told(),
        (
            409,
            json!({"detail": detail, "status": "approved", "error": detail})
        )
    );
    let shown = get(&world.approvals, &format!("/api/approvals/{id}"))
        .await
        .json();
    assert_eq!(
        shown["commands"][0]["execution"]["state"],
        json!("not_configured")
    );
}

#[tokio::test]
async fn some_commands_are_approved_and_the_rest_rejected() {
    let world = world();
    let id = world.propose(&[READ, CHANGE]).await;
    let answer = post(
        &world.approvals,
        &format!("/api/approvals/{id}/approve"),
        json!({"approver": "mira", "indexes": [0]}),
    )
    .await;
    assert_eq!(
        answer.told(),
        (
            200,
            json!({"status": "partially_approved", "message": "commands approved: 1, rejected: 1"})
        )
    );
    let shown = get(&world.approvals, &format!("/api/approvals/{id}"))
        .await
        .json();
    assert_eq!(
        (&shown["approver"], &shown["commands"][1]["decision"]),
        (&json!("mira"), &json!("reject"))
    );
}

#[tokio::test]
async fn every_command_has_an_execution_in_every_state_of_its_approval() {
    let world = world();
    let id = world.propose(&[READ, CHANGE]).await;
    let path = format!("/api/approvals/{id}");
    let executions = async || {
        let shown = get(&world.approvals, &path).await.json();
        let commands = shown["commands"].as_array().unwrap().clone();
        commands
            .into_iter()
            .map(|it| it["execution"].clone())
            .collect::<Vec<_>>()
    };
    let idle = json!({"state": "not_configured", "exit_code": null, "output": null});
    let skipped = json!({"state": "skipped", "exit_code": null, "output": null});
    assert_eq!(executions().await, [idle.clone(), idle.clone()]);
    post(
        &world.approvals,
        &format!("{path}/approve"),
        json!({"indexes": [0]}),
    )
    .await;
    assert_eq!(executions().await, [idle, skipped]);
}

#[tokio::test]
async fn a_rejection_has_a_reason() {
    let world = world();
    let id = world.propose(&[CHANGE]).await;
    let answer = post(
        &world.approvals,
        &format!("/api/approvals/{id}/reject"),
        json!({"reason": "too risky"}),
    )
    .await;
    assert_eq!(
        answer.told(),
        (200, json!({"status": "rejected", "reason": "too risky"}))
    );
    let other = world.propose(&[CHANGE]).await;
    let answer = send(
        &world.approvals,
        request("POST", &format!("/api/approvals/{other}/reject"), &[], ""),
    )
    .await;
    assert_eq!(
        answer.told(),
        (200, json!({"status": "rejected", "reason": "Rejected by user"}))
    );
}

#[tokio::test]
async fn an_unknown_approval_is_404_everywhere() {
    let world = world();
    let expected = json!({"detail": "approval 'nope' not found", "error": "approval 'nope' not found"});
    assert_eq!(
        get(&world.approvals, "/api/approvals/nope").await.told(),
        (404, expected.clone())
    );
    for verb in ["approve", "reject"] {
        let answer = post(
            &world.approvals,
            &format!("/api/approvals/nope/{verb}"),
            json!({}),
        )
        .await;
        assert_eq!(answer.told(), (404, expected.clone()));
    }
    let decide = json!({"plan_digest": "sha256:0", "decisions": []});
    assert_eq!(
        post(&world.approvals, "/api/approvals/nope/decide", decide)
            .await
            .told(),
        (404, expected)
    );
}

#[tokio::test]
async fn every_command_is_decided_by_itself() {
    let world = world();
    let id = world.propose(&[READ, CHANGE, CHANGE]).await;
    let digest = get(&world.approvals, &format!("/api/approvals/{id}"))
        .await
        .json()["plan_digest"]
        .clone();
    let path = format!("/api/approvals/{id}/decide");
    let two = "kubectl scale deployment api --replicas=2 -n shop";
    let decisions = json!([
        {"index": 0, "decision": "approve"},
        {"index": 1, "decision": "reject", "reason": "not now"},
        {"index": 2, "decision": "edit", "command": two, "reason": "two are enough"},
    ]);
    let stale = json!({"plan_digest": "sha256:0", "decisions": decisions});
    assert_eq!(post(&world.approvals, &path, stale).await.status, 409);
    let answer = post(
        &world.approvals,
        &path,
        json!({"approver": "mira", "plan_digest": digest, "decisions": decisions}),
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let told = answer.json();
    let verdicts: Vec<&Value> = told["commands"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["decision"])
        .collect();
    assert_eq!(verdicts, [&json!("approve"), &json!("reject"), &json!("edit")]);
    assert_eq!(
        (&told["status"], &told["commands"][2]["edited_command"]),
        (&json!("partially_approved"), &json!(two))
    );
    assert_eq!(told["commands"][1]["reason"], json!("not now"));
}

#[tokio::test]
async fn an_incomplete_decision_is_422_and_decides_nothing() {
    let world = world();
    let id = world.propose(&[READ, CHANGE]).await;
    let digest = get(&world.approvals, &format!("/api/approvals/{id}"))
        .await
        .json()["plan_digest"]
        .clone();
    let cases = [
        json!([{"index": 0, "decision": "approve"}]),
        json!([{"index": 0, "decision": "approve"}, {"index": 1, "decision": "reject"}]),
        json!([{"index": 0, "decision": "approve"}, {"index": 1, "decision": "edit"}]),
        json!([{"index": 0, "decision": "approve"}, {"index": 1, "decision": "edit", "command": "kubectl delete deployment api -n shop"}]),
        json!([{"index": 0, "decision": "approve"}, {"index": 0, "decision": "approve"}]),
    ];
    for decisions in cases {
        let body = json!({"plan_digest": digest, "decisions": decisions});
        let answer = post(&world.approvals, &format!("/api/approvals/{id}/decide"), body).await;
        assert_eq!(answer.status, 422, "{}", answer.text);
        assert!(!answer.json()["error"].as_str().unwrap().is_empty());
    }
    assert_eq!(
        get(&world.approvals, &format!("/api/approvals/{id}"))
            .await
            .json()["status"],
        json!("pending")
    );
}
