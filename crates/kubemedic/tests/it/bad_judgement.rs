//! Ratings, counts and decisions that are out of range, too late, stale or not signed: a clear answer, and no trace of them.

use serde_json::{Value, json};

use crate::{
    bad_input::{WEBHOOK, post_bytes, told},
    main_job::{SAMPLE, decide},
    process::{Home, Server, until},
};

/// A plan with its feedback id and its approval.
async fn planned(server: &Server) -> (String, Value) {
    let id = server.start(SAMPLE).await;
    server.events(&id).await;
    let approval = server.approvals_of(&id).await.remove(0);
    let known = server.get(&format!("/api/v1/feedback/workflow/{id}")).await;
    let feedback_id = known["feedback_opportunities"][0]["feedback_id"]
        .as_str()
        .unwrap()
        .to_owned();
    (feedback_id, approval)
}

fn feedback_lines(home: &Home) -> Vec<Value> {
    let text = std::fs::read_to_string(home.path().join("data/feedback/remediation_feedback.jsonl")).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn ratings_and_counts_out_of_range_are_422_and_leave_no_trace() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    let (feedback_id, approval) = planned(&server).await;
    let statistics = server.get("/api/v1/feedback/statistics").await;
    let lines = feedback_lines(&home);
    for rating in [
        json!(0),
        json!(6),
        json!(-1),
        json!(1e300),
        json!("many"),
        json!([5]),
        json!(3.5),
    ] {
        let body = json!({"feedback_id": feedback_id, "rating": rating});
        let (status, detail) = told(server.post("/api/v1/feedback/submit", &body).await).await;
        assert_eq!(status, 422, "{body} {detail}");
        assert!(detail.contains("\"rating\""), "{detail}");
    }
    for (approved, rejected) in [
        (json!(-1), json!(0)),
        (json!(0), json!(-5)),
        (json!("x"), json!(0)),
        (json!(1e18), json!(0)),
    ] {
        let body = json!({"approval_id": approval["id"], "status": "approved", "approved_count": approved, "rejected_count": rejected});
        let (status, detail) = told(server.post(WEBHOOK, &body).await).await;
        assert_eq!(status, 422, "{body} {detail}");
    }
    assert_eq!(server.get("/api/v1/feedback/statistics").await, statistics);
    assert_eq!(feedback_lines(&home), lines);
}

#[tokio::test]
async fn of_a_status_and_counts_that_contradict_each_other_the_counts_win_and_the_record_says_so() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    let (feedback_id, approval) = planned(&server).await;
    let body = json!({"approval_id": approval["id"], "status": "approved", "approved_count": 0, "rejected_count": 3});
    assert_eq!(server.post(WEBHOOK, &body).await.status(), 200);
    let lines = feedback_lines(&home);
    let record = lines.last().unwrap();
    assert_eq!(
        (
            &record["feedback_id"],
            &record["approved_commands_count"],
            &record["rejected_commands_count"],
            &record["reward_score"]
        ),
        (&json!(feedback_id), &json!(0), &json!(3), &json!(0.0))
    );
    assert!(
        record["warnings"].to_string().contains("status_mismatch"),
        "{record}"
    );
}

#[tokio::test]
async fn an_approval_is_decided_once_in_time_and_as_it_was_shown() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    let (_, approval) = planned(&server).await;
    let path = |verb: &str| {
        format!(
            "approvals:/api/approvals/{}/{verb}",
            approval["id"].as_str().unwrap()
        )
    };
    let commands = approval["commands"].as_array().unwrap().len();
    let decisions: Vec<Value> = (0..commands)
        .map(|index| json!({"index": index, "decision": "approve"}))
        .collect();
    let stale = json!({"approver": "ann", "plan_digest": "sha256:00", "decisions": decisions});
    let (status, detail) = told(server.post(&path("decide"), &stale).await).await;
    assert_eq!(status, 409);
    assert!(
        detail.contains("changed since it was shown: load it again"),
        "{detail}"
    );
    let decided = decide(&server, &approval, |_| true).await;
    for (verb, body) in [
        ("decide", stale),
        ("approve", json!({})),
        ("reject", json!({"reason": "no"})),
    ] {
        let (status, detail) = told(server.post(&path(verb), &body).await).await;
        assert_eq!(
            (status, detail.contains("is already approved")),
            (409, true),
            "{verb} {detail}"
        );
    }
    let after = server.get(path("").trim_end_matches('/')).await;
    assert_eq!(
        (&after["status"], &after["approver"]),
        (&decided["status"], &decided["approver"])
    );
}

#[tokio::test]
async fn an_approval_after_its_time_is_409_and_stays_expired() {
    let home = Home::new();
    let server = home.serve(&[("APPROVAL_TTL_SECONDS", "1")]).await;
    let (_, approval) = planned(&server).await;
    let path = format!("approvals:/api/approvals/{}", approval["id"].as_str().unwrap());
    until("the approval expires", async || {
        (server.get(&path).await["status"] == "expired").then_some(())
    })
    .await;
    for verb in ["approve", "reject"] {
        let (status, detail) = told(server.post(&format!("{path}/{verb}"), &json!({})).await).await;
        assert_eq!(
            (status, detail.contains("is already expired")),
            (409, true),
            "{detail}"
        );
    }
    assert_eq!(server.get(&path).await["status"], "expired");
}

#[tokio::test]
async fn a_webhook_with_a_bad_signature_is_401_and_changes_nothing() {
    let home = Home::new();
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let server = home.serve(&[("WEBHOOK_SECRET", secret)]).await;
    let (_, approval) = planned(&server).await;
    let lines = feedback_lines(&home);
    let body = json!({"approval_id": approval["id"], "status": "approved", "approved_count": 1, "rejected_count": 0}).to_string();
    let signed: [&[(&str, &str)]; 4] = [
        &[],
        &[
            ("webhook-id", "m1"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,AAAA"),
        ],
        &[
            ("webhook-id", "m1"),
            ("webhook-timestamp", "9999999999999999999"),
            ("webhook-signature", "v1,AAAA"),
        ],
        &[
            ("webhook-id", "m1"),
            ("webhook-timestamp", "soon"),
            ("webhook-signature", "v2,%%%"),
        ],
    ];
    for headers in signed {
        let (status, detail) = post_bytes(&server, WEBHOOK, headers, body.clone().into()).await;
        assert_eq!(status, 401, "{detail}");
        assert!(detail.contains("webhook"), "{detail}");
    }
    assert_eq!(feedback_lines(&home), lines);
}
