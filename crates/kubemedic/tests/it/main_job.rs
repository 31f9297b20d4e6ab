//! The main job through the binary: a log is posted, four agents work, a person decides and rates, statistics change.

use serde_json::{Value, json};

use crate::process::{Home, Server, until};

/// The bundled sample: an out-of-memory crash loop behind a gateway that answers 502.
pub const SAMPLE: &str = include_str!("../../../../samples/checkout-outage.log");

/// Approves the commands for which `approves` says so and rejects the rest.
pub async fn decide(server: &Server, approval: &Value, approves: impl Fn(usize) -> bool) -> Value {
    let commands = approval["commands"].as_array().unwrap();
    let decisions: Vec<Value> = (0..commands.len())
        .map(|index| {
            if approves(index) {
                json!({"index": index, "decision": "approve"})
            } else {
                json!({"index": index, "decision": "reject", "reason": "not now"})
            }
        })
        .collect();
    let body = json!({"approver": "ann", "plan_digest": approval["plan_digest"], "decisions": decisions});
    let path = format!(
        "approvals:/api/approvals/{}/decide",
        approval["id"].as_str().unwrap()
    );
    let response = server.post(&path, &body).await;
    assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
    response.json().await.unwrap()
}

#[tokio::test]
async fn a_log_becomes_a_decided_and_rated_plan_and_the_statistics_change() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    let before = server.get("/api/v1/feedback/statistics").await;
    let id = server.start(SAMPLE).await;
    let events = server.events(&id).await;

    let agents: Vec<&str> = events
        .iter()
        .filter(|it| it["status"] == "COMPLETED")
        .map(|it| it["agent_name"].as_str().unwrap())
        .collect();
    assert_eq!(
        agents,
        [
            "MonitoringAgent",
            "AnalysisAgent",
            "RemediationAgent",
            "KubectlCommandAgent",
            "OrchestratorAgent"
        ]
    );
    let numbers: Vec<u64> = events.iter().map(|it| it["sequence"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=events.len() as u64).collect::<Vec<_>>());
    assert!(
        !serde_json::to_string(&events).unwrap().contains("correct-horse"),
        "a secret is in the stream"
    );

    let approvals = server.approvals_of(&id).await;
    let approval = approvals.first().unwrap();
    let told = format!("Approval ID: {}", approval["id"].as_str().unwrap());
    assert!(
        events
            .iter()
            .any(|it| it["status"] == "INFO" && it["data"].as_str().unwrap().contains(&told))
    );

    let decided = decide(&server, approval, |index| index != 1).await;
    assert_eq!(decided["status"], "partially_approved");
    assert_eq!(decided["commands"][1]["decision"], "reject");
    assert_eq!(decided["commands"][0]["execution"]["state"], "not_configured");

    let opportunities = server.get(&format!("/api/v1/feedback/workflow/{id}")).await;
    let feedback_id = opportunities["feedback_opportunities"][0]["feedback_id"].clone();
    let rated = server
        .post(
            "/api/v1/feedback/submit",
            &json!({"feedback_id": feedback_id, "rating": 4}),
        )
        .await;
    assert_eq!(rated.status(), 200);

    let after = server.get("/api/v1/feedback/statistics").await;
    let count = |statistics: &Value, key: &str| {
        statistics["agent_statistics"]["RemediationAgent"][key]
            .as_u64()
            .unwrap()
    };
    assert_eq!(
        count(&after, "approved_count") - count(&before, "approved_count"),
        approval["commands"].as_array().unwrap().len() as u64 - 1
    );
    assert_eq!(
        count(&after, "rejected_count") - count(&before, "rejected_count"),
        1
    );
    assert!(after["average_reward"].as_f64().unwrap() > 0.0);
    assert!(server.stop().success());

    let file = std::fs::read_to_string(home.path().join("data/feedback/remediation_feedback.jsonl")).unwrap();
    let newest: Value = serde_json::from_str(file.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&newest["rating"], &newest["rejected_commands_count"]),
        (&json!(4), &json!(1))
    );
    for folder in ["data", "logs"] {
        assert!(
            !holds(&home.path().join(folder), b"correct-horse"),
            "a secret is below {folder}"
        );
    }
}

/// Whether any file below a folder holds the bytes.
fn holds(folder: &std::path::Path, wanted: &[u8]) -> bool {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .any(|path| {
            if path.is_dir() {
                return holds(&path, wanted);
            }
            std::fs::read(&path)
                .unwrap()
                .windows(wanted.len())
                .any(|bytes| bytes == wanted)
        })
}

#[tokio::test]
async fn two_servers_join_by_proposal_and_signed_webhook_and_a_down_one_is_waited_for() {
    let (home, other_home) = (Home::new(), Home::new());
    // A free port for the approval server that comes later.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
        .to_string();
    let (url, secret) = (
        format!("http://127.0.0.1:{port}"),
        "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0",
    );
    let server = home
        .serve(&[("MCP_SERVER_URL", &url), ("WEBHOOK_SECRET", secret)])
        .await;
    let id = server.start(SAMPLE).await;
    let events = server.events(&id).await;
    let queued = events
        .iter()
        .rfind(|it| it["agent_name"] == "KubectlCommandAgent" && it["status"] == "COMPLETED")
        .unwrap();
    let result: Value = serde_json::from_str(queued["data"].as_str().unwrap()).unwrap();
    assert_eq!(result["submissions"][0]["status"], "queued", "{result}");

    let webhook = server.url("/api/v1/feedback/mcp-approval");
    let other = other_home
        .serve(&[
            ("APPROVAL_PORT", &port),
            ("BACKEND_WEBHOOK_URL", &webhook),
            ("WEBHOOK_SECRET", secret),
        ])
        .await;
    let approval = until("the queued proposal has arrived", async || {
        other.approvals_of(&id).await.into_iter().next()
    })
    .await;
    decide(&other, &approval, |_| true).await;
    until("the decision is known here", async || {
        let opportunities = server.get(&format!("/api/v1/feedback/workflow/{id}")).await;
        (opportunities["feedback_opportunities"][0]["approval_status"] == "approved").then_some(())
    })
    .await;
    assert_eq!(
        other.approvals_of(&id).await.len(),
        1,
        "one root cause, one proposal"
    );
}
