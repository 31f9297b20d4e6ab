//! `/api/v1/feedback`.

use serde_json::{Value, json};

use crate::world::{SAMPLE, World, get, post, request, send, world};

const SUBMIT: &str = "/api/v1/feedback/submit";

async fn feedback_id(world: &World) -> String {
    let workflow = world.work_on(SAMPLE).await;
    let answer = get(&world.backend, &format!("/api/v1/feedback/workflow/{workflow}")).await;
    answer.json()["feedback_opportunities"][0]["feedback_id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn every_form_of_a_rating_that_the_original_took_is_taken() {
    let world = world();
    let id = feedback_id(&world).await;
    let forms = [
        json!({"feedback_id": id, "rating": 5}),
        json!({"feedback_id": id, "was_helpful": null}),
        json!({"feedback_id": id, "rating": 4, "was_helpful": true, "feedback_comments": "Great remediation plan!", "improvements_suggested": "Add rollback steps"}),
        json!({"feedback_id": id, "rating": "3", "unknown_field": [1, 2]}),
        json!({"feedback_id": id, "rating": 2.0, "was_helpful": "yes"}),
        json!({"feedback_id": id}),
    ];
    for form in forms {
        let answer = post(&world.backend, SUBMIT, form).await;
        let expected =
            json!({"success": true, "message": "Feedback submitted successfully", "feedback_id": id});
        assert_eq!(answer.told(), (200, expected));
    }
    let improvements = get(&world.backend, "/api/v1/feedback/improvements/RemediationAgent").await;
    let expected = json!({"agent_name": "RemediationAgent", "improvement_suggestions": ["Add rollback steps"], "count": 1});
    assert_eq!(improvements.told(), (200, expected));
}

#[tokio::test]
async fn an_unknown_record_is_404_in_the_fixed_words() {
    let world = world();
    let answer = post(
        &world.backend,
        SUBMIT,
        json!({"feedback_id": "nope", "rating": 5}),
    )
    .await;
    assert_eq!(
        answer.told(),
        (404, json!({"detail": "Feedback ID 'nope' not found"}))
    );
    let blank = post(&world.backend, SUBMIT, json!({"feedback_id": " "})).await;
    assert_eq!(
        blank.told(),
        (404, json!({"detail": "Feedback ID ' ' not found"}))
    );
    let outcome = json!({"feedback_id": "nope", "outcome": "resolved"});
    let answer = post(&world.backend, "/api/v1/feedback/outcome", outcome).await;
    assert_eq!(
        answer.told(),
        (404, json!({"detail": "Feedback ID 'nope' not found"}))
    );
}

#[tokio::test]
async fn a_wrong_field_is_422_in_the_originals_words_and_nothing_is_stored() {
    let world = world();
    let id = feedback_id(&world).await;
    let cases: [(Value, &str, &str, Value); 7] = [
        (
            json!({"rating": 6}),
            "less_than_equal",
            "Input should be less than or equal to 5",
            json!(6),
        ),
        (
            json!({"rating": 0}),
            "greater_than_equal",
            "Input should be greater than or equal to 1",
            json!(0),
        ),
        (
            json!({"rating": "five"}),
            "int_parsing",
            "Input should be a valid integer, unable to parse string as an integer",
            json!("five"),
        ),
        (
            json!({"rating": 4.5}),
            "int_from_float",
            "Input should be a valid integer, got a number with a fractional part",
            json!(4.5),
        ),
        (
            json!({"rating": [5]}),
            "int_type",
            "Input should be a valid integer",
            json!([5]),
        ),
        (
            json!({"was_helpful": "maybe"}),
            "bool_parsing",
            "Input should be a valid boolean, unable to interpret input",
            json!("maybe"),
        ),
        (
            json!({"feedback_comments": 7}),
            "string_type",
            "Input should be a valid string",
            json!(7),
        ),
    ];
    for (mut body, kind, message, input) in cases {
        let field = body.as_object().unwrap().keys().next().unwrap().clone();
        body["feedback_id"] = json!(id);
        let answer = post(&world.backend, SUBMIT, body).await;
        assert_eq!(answer.status, 422);
        let error = &answer.json()["detail"][0];
        assert_eq!(
            (&error["loc"], &error["type"], &error["msg"], &error["input"]),
            (&json!(["body", field]), &json!(kind), &json!(message), &input)
        );
    }
    let missing = post(&world.backend, SUBMIT, json!({"rating": 9})).await;
    let kinds: Vec<Value> = missing.json()["detail"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["type"].clone())
        .collect();
    assert_eq!(kinds, [json!("missing"), json!("less_than_equal")]);
    let statistics = get(&world.backend, "/api/v1/feedback/workflow/x").await;
    assert_eq!(
        statistics.json(),
        json!({"workflow_id": "x", "feedback_opportunities": [], "count": 0})
    );
}

#[tokio::test]
async fn a_body_that_is_no_object_is_422() {
    let world = world();
    let headers = [("content-type", "application/json")];
    let cases = [
        (
            "",
            json!([{"type": "missing", "loc": ["body"], "msg": "Field required", "input": null}]),
        ),
        (
            "[1]",
            json!([{"type": "model_attributes_type", "loc": ["body"], "msg": "Input should be a valid dictionary or object to extract fields from", "input": [1]}]),
        ),
        (
            "{oops",
            json!([{"type": "json_invalid", "loc": ["body", 1], "msg": "JSON decode error", "input": {}, "ctx": {"error": "key must be a string"}}]),
        ),
    ];
    for (body, detail) in cases {
        let answer = send(&world.backend, request("POST", SUBMIT, &headers, body)).await;
        assert_eq!(answer.told(), (422, json!({"detail": detail})));
    }
}

#[tokio::test]
async fn a_webhook_is_recorded_once_and_an_unknown_approval_is_404() {
    let world = world();
    let workflow = world.work_on(SAMPLE).await;
    let path = format!("/api/v1/feedback/workflow/{workflow}");
    let approval = get(&world.backend, &path).await.json()["feedback_opportunities"][0]["approval_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let body =
        json!({"approval_id": approval, "status": "approved", "approved_count": 5, "rejected_count": 0});
    let expected = json!({"success": true, "message": "Approval status 'approved' recorded successfully", "approval_id": approval});
    assert_eq!(
        post(&world.backend, "/api/v1/feedback/mcp-approval", body.clone())
            .await
            .told(),
        (200, expected.clone())
    );
    let mut repeated = expected;
    repeated["duplicate"] = json!(true);
    assert_eq!(
        post(&world.backend, "/api/v1/feedback/mcp-approval", body)
            .await
            .told(),
        (200, repeated)
    );
    let unknown = json!({"approval_id": "approval_123abc", "status": "rejected", "approved_count": 0, "rejected_count": 1});
    let answer = post(&world.backend, "/api/v1/feedback/mcp-approval", unknown).await;
    assert_eq!(
        answer.told(),
        (
            404,
            json!({"detail": "No feedback found for approval_id: approval_123abc"})
        )
    );
}

#[tokio::test]
async fn a_webhook_with_bad_counts_or_status_is_422() {
    let world = world();
    let cases = [
        json!({"approval_id": "a", "status": "approved", "approved_count": -1, "rejected_count": 0}),
        json!({"approval_id": "a", "status": "approved", "approved_count": "many"}),
        json!({"approval_id": "a", "status": "pending"}),
        json!({"approval_id": "a", "status": "approved", "decisions": [{"index": 0, "decision": "maybe"}]}),
        json!({"status": "approved"}),
    ];
    let places = [
        json!(["body", "approved_count"]),
        json!(["body", "approved_count"]),
        json!(["body", "status"]),
        json!(["body", "decisions", 0, "decision"]),
        json!(["body", "approval_id"]),
    ];
    for (body, place) in cases.into_iter().zip(places) {
        let answer = post(&world.backend, "/api/v1/feedback/mcp-approval", body).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["detail"][0]["loc"]),
            (422, &place)
        );
    }
}

#[tokio::test]
async fn an_outcome_is_recorded_and_a_wrong_one_is_422() {
    let world = world();
    let id = feedback_id(&world).await;
    let body = json!({"feedback_id": id, "outcome": "resolved", "event_id": "e1", "observed_at": "2026-01-02T03:04:05Z"});
    let answer = post(&world.backend, "/api/v1/feedback/outcome", body.clone()).await;
    assert_eq!(
        answer.told(),
        (
            200,
            json!({"success": true, "message": "Outcome recorded successfully", "feedback_id": id})
        )
    );
    let again = post(&world.backend, "/api/v1/feedback/outcome", body).await;
    assert_eq!(again.json()["duplicate"], json!(true));
    let wrong = post(
        &world.backend,
        "/api/v1/feedback/outcome",
        json!({"feedback_id": id, "outcome": "great", "observed_at": "now", "is_provisional": "perhaps"}),
    )
    .await;
    let places: Vec<Value> = wrong.json()["detail"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["loc"].clone())
        .collect();
    assert_eq!(
        places,
        [
            json!(["body", "outcome"]),
            json!(["body", "observed_at"]),
            json!(["body", "is_provisional"])
        ]
    );
}

#[tokio::test]
async fn a_first_look_is_replaced_by_a_later_one_and_replaces_none() {
    let world = world();
    let id = feedback_id(&world).await;
    let mut weights = Vec::new();
    for (outcome, is_provisional) in [("resolved", true), ("unchanged", false), ("resolved", true)] {
        let body = json!({"feedback_id": id, "outcome": outcome, "is_provisional": is_provisional});
        let answer = post(&world.backend, "/api/v1/feedback/outcome", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let why = get(&world.backend, &format!("/api/v1/learning/why/{id}"))
            .await
            .json();
        let taught = why["proposals"][0]["taught"].as_array().unwrap().clone();
        assert_eq!(taught.len(), 1, "{taught:?}");
        weights.push((
            taught[0]["y"].as_f64().unwrap(),
            taught[0]["weight"].as_f64().unwrap(),
        ));
    }
    assert_eq!(weights[0].0.to_bits(), 1.0_f64.to_bits());
    assert_eq!(weights[1], weights[2]);
    assert!((weights[0].1 * 2.0 - weights[1].1).abs() < 1e-9, "{weights:?}");
}

#[tokio::test]
async fn statistics_have_the_contracts_keys_when_nothing_was_learnt() {
    let world = world();
    let answer = get(&world.backend, "/api/v1/feedback/statistics").await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(
        (&body["total_feedbacks"], &body["average_reward"]),
        (&json!(0), &json!(0.0))
    );
    let agent = &body["agent_statistics"]["RemediationAgent"];
    for key in [
        "total_outputs",
        "approved_count",
        "rejected_count",
        "pending_count",
        "approval_rate",
        "average_reward",
        "learning_examples",
    ] {
        assert!(agent.get(key).is_some(), "{key}");
    }
    let alone = get(&world.backend, "/api/v1/feedback/statistics/RemediationAgent").await;
    assert_eq!(alone.json()["agent_name"], json!("RemediationAgent"));
    assert!(alone.json()["statistics"].is_object());
}

#[tokio::test]
async fn an_agent_that_does_not_learn_has_nothing() {
    let world = world();
    let base = "/api/v1/feedback";
    let statistics = get(&world.backend, &format!("{base}/statistics/Other")).await;
    let message = "No learning statistics for 'Other': only RemediationAgent learns from feedback";
    assert_eq!(
        statistics.told(),
        (
            200,
            json!({"agent_name": "Other", "statistics": {}, "message": message})
        )
    );
    let improvements = get(&world.backend, &format!("{base}/improvements/Other")).await;
    assert_eq!(
        improvements.json(),
        json!({"agent_name": "Other", "improvement_suggestions": [], "count": 0})
    );
    let examples = get(&world.backend, &format!("{base}/top-examples/Other")).await;
    assert_eq!(
        examples.json(),
        json!({"agent_name": "Other", "examples_count": 0, "examples": []})
    );
}

#[tokio::test]
async fn top_examples_are_bounded_and_their_parameters_checked() {
    let world = world();
    let id = feedback_id(&world).await;
    post(
        &world.backend,
        SUBMIT,
        json!({"feedback_id": id, "rating": 5, "was_helpful": true}),
    )
    .await;
    let path = "/api/v1/feedback/top-examples/RemediationAgent";
    let answer = get(&world.backend, &format!("{path}?limit=1&min_reward=-1")).await;
    let body = answer.json();
    assert_eq!(
        (answer.status.as_u16(), &body["examples_count"]),
        (200, &json!(1))
    );
    let example = &body["examples"][0];
    assert_eq!(
        (
            &example["feedback_id"],
            &example["rating"],
            &example["was_helpful"]
        ),
        (&json!(id), &json!(5), &json!(true))
    );
    assert!(example["input_preview"].as_str().unwrap().chars().count() <= 203);
    for query in ["limit=0", "limit=x", "min_reward=NaN", "min_reward=high"] {
        assert_eq!(
            get(&world.backend, &format!("{path}?{query}")).await.status,
            422,
            "{query}"
        );
    }
}
