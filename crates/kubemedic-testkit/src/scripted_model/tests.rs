//! The script is played as it is written.

use serde_json::json;

use super::*;

#[tokio::test(start_paused = true)]
async fn queued_answers_come_first_then_the_function_and_every_request_is_remembered() {
    let model =
        ScriptedModel::always("openai:m", Scripted::text("always")).then(Scripted::json(&json!({"a": 1})));
    let first = model.complete(&request("one")).await;
    let second = model.complete(&request("two")).await;
    assert_eq!((first, second), (Ok(reply(r#"{"a":1}"#)), Ok(reply("always"))));
    assert_eq!(model.requests(), [request("one"), request("two")]);
}

#[tokio::test(start_paused = true)]
async fn pieces_and_pauses_are_told_in_order_and_a_stream_without_end_can_be_given_up() {
    let piece = |text: &str| Delta::Text(text.to_owned());
    let model = ScriptedModel::named("ollama:m").then(
        Scripted::never()
            .after(Duration::from_secs(1))
            .piece(piece("a"))
            .pause(Duration::from_secs(2))
            .piece(piece("b")),
    );
    let started = Instant::now();
    let mut told = Vec::new();
    let question = request("one");
    let mut on_delta = |delta| told.push((started.elapsed().as_secs(), delta));
    let given_up = tokio::time::timeout(Duration::from_secs(9), model.stream(&question, &mut on_delta)).await;
    assert!(given_up.is_err());
    assert_eq!(told, [(1, piece("a")), (3, piece("b"))]);
    assert_eq!((model.under_way(), model.most_under_way()), (0, 1));
}

#[tokio::test]
async fn a_script_at_its_end_refuses_and_a_check_says_what_it_was_told() {
    let model = ScriptedModel::named("m");
    assert!(matches!(
        model.complete(&request("x")).await,
        Err(ChatError::BadRequest { .. })
    ));
    assert_eq!(model.check().await, Ok(()));
    let gone = ChatError::ModelGone {
        reason: "gone".into(),
    };
    model.set_check(Err(gone.clone()));
    assert_eq!(model.check().await, Err(gone));
}
