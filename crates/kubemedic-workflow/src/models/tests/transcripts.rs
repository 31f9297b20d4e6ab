//! A recorded run is replayed bit for bit, without models.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_recorded_run_is_replayed_bit_for_bit_with_pieces_failures_cache_and_cost() {
    let text = |it: &str| Delta::Text(it.to_owned());
    let first = Arc::new(
        model("gemini:gemini-3.8-flash")
            .then(Scripted::error(overloaded()).piece(text("ha")).piece(text("lf")))
            .then(
                Scripted::reply(reply("yes"))
                    .piece(Delta::Reasoning("hm".into()))
                    .piece(text("y"))
                    .piece(text("es")),
            )
            .then(Scripted::error(ChatError::Blocked {
                reason: "SAFETY".into(),
            }))
            .then(Scripted::call(
                "logs",
                serde_json::json!({"pod": "api", "lines": 1.5}),
            ))
            .then(Scripted::error(ChatError::Auth { reason: "no".into() })),
    );
    let buffer = TranscriptBuffer::default();
    let live = Bench::new(ModelsConfig::default(), &[&first])
        .recording(Transcript::record(Box::new(buffer.clone())));
    let questions = ["one", "one", "two", "two", "three", "four"];
    let recorded = run(&live, &questions).await;
    assert_eq!(recorded.0.iter().filter(|(result, _)| result.is_ok()).count(), 3);

    let bytes = buffer.bytes();
    let entries = Transcript::from_lines(bytes.as_slice()).unwrap();
    assert_eq!(entries.len(), questions.len());
    let silent = Arc::new(model("openai:other"));
    let replay = Bench::new(ModelsConfig::default(), &[&silent]).recording(Transcript::replay(entries));
    assert_eq!(run(&replay, &questions).await, recorded);
    assert_eq!(silent.requests(), Vec::new());
    assert!(replay.models.is_configured(AGENT) && !replay.models.is_configured(Agent::MonitoringAgent));

    let unknown = replay.ask("five").await.unwrap_err().to_string();
    assert!(
        unknown.starts_with("the transcript has no answer to this question (sha256:"),
        "{unknown}"
    );
}

type Run = (
    Vec<(Result<Answered, NotUsed>, Vec<Delta>)>,
    ModelSpending,
    ModelSpending,
);

/// Everything that a run of questions shows.
async fn run(bench: &Bench, questions: &[&str]) -> Run {
    let mut results = Vec::new();
    for question in questions {
        let mut told = Vec::new();
        let result = bench
            .models
            .chat(AGENT, &request(question), &bench.meter, &mut |it| told.push(it))
            .await;
        results.push((result, told));
    }
    (results, bench.meter.spent(), bench.models.spending_today())
}
