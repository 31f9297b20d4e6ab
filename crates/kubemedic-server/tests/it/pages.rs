//! The approval server's pages.

use serde_json::json;

use crate::world::{SAMPLE, get, post, world};

#[tokio::test]
async fn an_approval_shows_what_is_wrong_what_changes_and_how_it_is_undone() {
    let world = world();
    let workflow = world.work_on(SAMPLE).await;
    let approval = get(&world.backend, &format!("/api/v1/workflows/{workflow}"))
        .await
        .json()["approvals"][0]
        .as_str()
        .unwrap()
        .to_owned();
    let list = get(&world.approvals, "/").await;
    assert!(list.text.contains(&format!("/approvals/{approval}")));
    let api = get(&world.approvals, &format!("/api/approvals/{approval}"))
        .await
        .json();
    let page = get(&world.approvals, &format!("/approvals/{approval}")).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text
            .contains("Nothing is executed: EXECUTE_CONTEXT is not set.")
    );
    assert!(page.text.contains(api["plan_digest"].as_str().unwrap()));
    let feedback = get(&world.backend, &format!("/api/v1/feedback/workflow/{workflow}"))
        .await
        .json();
    assert!(
        page.text.contains(
            feedback["feedback_opportunities"][0]["feedback_id"]
                .as_str()
                .unwrap()
        )
    );
    for command in api["commands"].as_array().unwrap() {
        let escaped = command["command"]
            .as_str()
            .unwrap()
            .replace('&', "&amp;")
            .replace('"', "&quot;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        assert!(page.text.contains(&escaped), "{escaped}");
        assert!(page.text.contains(&format!(
            "data-risk=\"{}\"",
            command["safety_level"].as_str().unwrap()
        )));
    }
}

#[tokio::test]
async fn hostile_text_is_escaped() {
    let world = world();
    let hostile = "</script><script>alert(1)</script>\" onload=\"x";
    let body = json!({
        "action": hostile, "commands": [{"command": "kubectl get pods -n shop", "explanation": hostile}],
        "metadata": {"root_cause": hostile, "evidence": [hostile, {"quote": hostile, "origin": hostile}], "priority": hostile, hostile: hostile},
    });
    let id = post(&world.approvals, "/api/approvals/propose", body)
        .await
        .json()["approval_id"]
        .as_str()
        .unwrap()
        .to_owned();
    for path in ["/".to_owned(), format!("/approvals/{id}")] {
        let page = get(&world.approvals, &path).await;
        assert_eq!(page.status, 200);
        assert!(!page.text.contains("<script>alert"), "{path}");
        assert!(!page.text.contains("\" onload"), "{path}");
    }
}

#[tokio::test]
async fn a_decided_approval_cannot_be_decided_on_its_page() {
    let world = world();
    let id = world.propose(&["kubectl get pods -n shop"]).await;
    let path = format!("/approvals/{id}");
    assert!(
        get(&world.approvals, &path)
            .await
            .text
            .contains("Submit decision")
    );
    post(
        &world.approvals,
        &format!("/api/approvals/{id}/reject"),
        json!({"reason": "<b>no</b>"}),
    )
    .await;
    let page = get(&world.approvals, &path).await;
    assert!(!page.text.contains("Submit decision"));
    assert!(page.text.contains("Rejected: &lt;b&gt;no&lt;/b&gt;"));
    assert_eq!(get(&world.approvals, "/approvals/nope").await.status, 404);
}

#[tokio::test]
async fn the_page_rates_through_its_own_origin() {
    let world = world();
    let answer = post(
        &world.approvals,
        "/api/feedback",
        json!({"feedback_id": "nope", "rating": 5}),
    )
    .await;
    let detail = "Feedback ID 'nope' not found";
    assert_eq!(answer.told(), (404, json!({"detail": detail, "error": detail})));
    let wrong = post(
        &world.approvals,
        "/api/feedback",
        json!({"feedback_id": "nope", "rating": 9}),
    )
    .await;
    assert_eq!(
        wrong.json()["error"],
        json!("rating: Input should be less than or equal to 5")
    );
}

#[tokio::test]
async fn no_page_names_another_server() {
    let world = world();
    world.work_on(SAMPLE).await;
    let id = world.propose(&["kubectl get pods -n shop"]).await;
    let mut pages = vec![
        get(&world.approvals, "/").await,
        get(&world.approvals, &format!("/approvals/{id}")).await,
    ];
    for path in ["/docs", "/redoc", "/login"] {
        pages.push(get(&world.backend, path).await);
    }
    for path in [
        "/assets/kubemedic.css",
        "/assets/approval.js",
        "/assets/swagger.js",
        "/assets/redoc.js",
    ] {
        let asset = get(&world.backend, path).await;
        assert_eq!(asset.status, 200, "{path}");
        pages.push(asset);
    }
    for page in pages {
        for attribute in [
            "src=\"http",
            "href=\"http",
            "src=\"//",
            "href=\"//",
            "url(http",
            "@import",
            "from \"http",
        ] {
            assert!(!page.text.contains(attribute), "{attribute}: {}", page.text);
        }
        for inline in ["<script>", " style=\"", " onclick=", "<style"] {
            assert!(!page.text.contains(inline), "{inline}");
        }
    }
}
