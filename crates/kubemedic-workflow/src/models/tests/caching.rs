//! Identical questions are asked once.

use kubemedic_ports::chat_model::AnswerSchema;

use super::*;

fn quoting(boundary: &str) -> ChatRequest {
    ChatRequest {
        boundary: boundary.to_owned(),
        ..request(&format!("<{boundary}>log</{boundary}>"))
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_question_with_another_random_word_is_answered_from_the_cache_for_nothing() {
    let text = |it: &str| Delta::Text(it.to_owned());
    let answer = Scripted::reply(reply("yes")).piece(text("y")).piece(text("es"));
    let model = Arc::new(model("gemini:gemini-3.8-flash").then(answer));
    let bench = Bench::new(ModelsConfig::default(), &[&model]);
    let ask = async |boundary: &str| {
        let mut told = Vec::new();
        let answered = bench
            .models
            .chat(AGENT, &quoting(boundary), &bench.meter, &mut |it| told.push(it))
            .await
            .unwrap();
        (answered, told)
    };
    let (first, told) = ask("a1b2c3d4").await;
    assert_eq!(told, [text("y"), text("es")]);
    let (second, told) = ask("00112233").await;
    assert_eq!(told, [text("yes")]);
    let expected = Answered {
        spent: ModelSpending::default(),
        from_cache: true,
        notes: vec![
            "the same question was answered before: the answer is from the cache and cost nothing".into(),
        ],
        ..first.clone()
    };
    assert_eq!(second, expected);
    assert_eq!((model.requests().len(), bench.meter.spent()), (1, first.spent));
}

#[tokio::test(start_paused = true)]
async fn failures_and_answers_of_another_form_than_asked_for_are_not_kept() {
    let model = Arc::new(
        model("openai:m")
            .then(Scripted::error(ChatError::Blocked { reason: "x".into() }))
            .then(Scripted::text("Sorry!"))
            .then(Scripted::text(r#"{"a":1}"#)),
    );
    let bench = Bench::new(ModelsConfig::default(), &[&model]);
    let with_schema = ChatRequest {
        schema: Some(AnswerSchema {
            name: "reply".into(),
            schema: serde_json::json!({}),
        }),
        ..request("q")
    };
    let mut texts = Vec::new();
    for _ in 0..4 {
        let answered = bench
            .models
            .chat(AGENT, &with_schema, &bench.meter, &mut |_| ())
            .await;
        texts.push(answered.map(|it| it.reply.text).unwrap_or_default());
    }
    assert_eq!(texts, ["", "Sorry!", r#"{"a":1}"#, r#"{"a":1}"#]);
    assert_eq!(model.requests().len(), 3);
}
