//! The next model answers where one does not, and a model that rests is passed over.

use super::*;

#[tokio::test(start_paused = true)]
async fn the_next_model_answers_with_a_note_and_hears_the_question_as_it_was() {
    let gone = ChatError::ModelGone {
        reason: "no longer available".into(),
    };
    let first = Arc::new(model("gemini:gemini-2.0-flash-exp").then(Scripted::error(gone)));
    let second = Arc::new(ScriptedModel::always(
        "gemini:gemini-3.8-flash",
        Scripted::text("yes"),
    ));
    let bench = Bench::new(no_cache(), &[&first, &second]);
    let answered = bench.ask("why?").await.unwrap();
    assert_eq!(answered.by, *second.name());
    assert_eq!(
        answered.notes,
        [
            "gemini:gemini-2.0-flash-exp gave no answer: the model is not there: no longer available; turned to gemini:gemini-3.8-flash"
        ]
    );
    assert_eq!(
        (second.requests(), answered.spent.calls),
        (vec![request("why?")], 2)
    );
    // The model that is gone rests: it is not asked again.
    let again = bench.ask("what?").await.unwrap();
    assert_eq!(
        again.notes,
        [
            "gemini:gemini-2.0-flash-exp rests after a failure: the model is not there: no longer available; turned to gemini:gemini-3.8-flash"
        ]
    );
    assert_eq!((first.requests().len(), second.requests().len()), (1, 2));
    let status = bench.models.status();
    assert_eq!(
        (status[0].breaker, status[0].last_error),
        (BreakerState::Open, Some("model_gone"))
    );
}

#[tokio::test(start_paused = true)]
async fn when_all_fail_the_sentence_tells_of_each() {
    let blocked = ChatError::Blocked {
        reason: "SAFETY".into(),
    };
    let first = Arc::new(model("gemini:a").then(Scripted::error(blocked)));
    let second = Arc::new(ScriptedModel::always("openai:b", Scripted::error(overloaded())));
    let bench = Bench::new(no_cache(), &[&first, &second]);
    assert_eq!(
        bench.ask("why?").await.unwrap_err().to_string(),
        "gemini:a gave no answer: the answer was blocked: SAFETY; turned to openai:b; openai:b gave no answer in 3 tries: the provider failed: 503"
    );
    assert_eq!((first.requests().len(), second.requests().len()), (1, 3));
}

#[tokio::test(start_paused = true)]
async fn a_model_that_stalls_leaves_the_next_one_its_share_of_the_time() {
    let first = Arc::new(ScriptedModel::always("gemini:a", Scripted::never()));
    let second = Arc::new(model("openai:b").then(Scripted::text("yes").after(Duration::from_secs(50))));
    let bench = Bench::new(no_cache(), &[&first, &second]);
    assert_eq!(bench.ask("why?").await.unwrap().by, *second.name());
    assert_eq!(bench.asked(&second), [90_000]);
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_gives_its_model_up_at_once_until_a_probe_finds_it_well() {
    let model = Arc::new(ScriptedModel::always("openai:m", Scripted::text("yes")));
    (0..5).for_each(|_| model.push(Scripted::error(overloaded())));
    let bench = Bench::new(no_cache(), &[&model]);
    assert!(bench.ask("one").await.is_err());
    assert!(bench.ask("two").await.is_err());
    assert_eq!(model.requests().len(), 5);
    let before = bench.began.elapsed();
    assert_eq!(
        bench.ask("three").await.unwrap_err().to_string(),
        "openai:m rests after a failure: the provider failed: 503"
    );
    assert_eq!((bench.began.elapsed(), model.requests().len()), (before, 5));
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(bench.models.status()[0].breaker, BreakerState::HalfOpen);
    assert!(bench.ask("four").await.is_ok());
    let status = bench.models.status().remove(0);
    assert_eq!((status.breaker, status.last_error), (BreakerState::Closed, None));
}

#[tokio::test(start_paused = true)]
async fn while_a_probe_is_under_way_nobody_else_asks() {
    let model = Arc::new(ScriptedModel::always(
        "openai:m",
        Scripted::text("yes").after(Duration::from_secs(5)),
    ));
    (0..5).for_each(|_| model.push(Scripted::error(overloaded())));
    let bench = Bench::new(no_cache(), &[&model]);
    assert!(bench.ask("one").await.is_err());
    assert!(bench.ask("two").await.is_err());
    tokio::time::sleep(Duration::from_secs(30)).await;
    let questions: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    let asked = questions.iter().map(|text| bench.ask(text));
    let answered = futures_util::future::join_all(asked).await;
    assert_eq!(answered.iter().filter(|it| it.is_ok()).count(), 1);
    assert_eq!(model.requests().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_are_under_way_than_the_setting_says_for_a_provider() {
    let slow = || Scripted::text("yes").after(Duration::from_secs(1));
    let first = Arc::new(ScriptedModel::always("openai:a", slow()));
    let config = ModelsConfig {
        concurrency: 3,
        ..no_cache()
    };
    let bench = Bench::new(config, &[&first]);
    let questions: Vec<String> = (0..10).map(|n| n.to_string()).collect();
    let answered = futures_util::future::join_all(questions.iter().map(|text| bench.ask(text))).await;
    assert!(answered.iter().all(Result::is_ok));
    assert_eq!(
        (first.most_under_way(), bench.began.elapsed()),
        (3, Duration::from_secs(4))
    );
}

#[tokio::test(start_paused = true)]
async fn whoever_finds_no_place_in_time_is_told_so() {
    let model = Arc::new(ScriptedModel::always(
        "openai:m",
        Scripted::text("yes").after(Duration::from_secs(50)),
    ));
    let config = ModelsConfig {
        concurrency: 1,
        workflow_timeout: Duration::from_mins(2),
        ..no_cache()
    };
    let bench = Bench::new(config, &[&model]);
    let asked = ["1", "2", "3", "4"].map(|text| bench.ask(text));
    let answered = futures_util::future::join_all(asked).await;
    assert_eq!(
        answered.iter().map(Result::is_ok).collect::<Vec<_>>(),
        [true, true, false, false]
    );
    assert_eq!(
        answered[3].as_ref().unwrap_err().to_string(),
        "language models had 120 seconds in this workflow, since 2026-01-02T03:04:05Z, and they are over; MODEL_WORKFLOW_TIMEOUT_SECONDS sets them; at last openai:m was too busy"
    );
    assert_eq!(bench.asked(&model), [0, 50_000, 100_000]);
}
