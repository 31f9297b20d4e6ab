//! Whoever gives a question up, or stops, leaves nothing taken.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_question_that_is_dropped_gives_its_place_and_its_room_in_the_budget_back() {
    let model = Arc::new(
        model("openai:m")
            .then(Scripted::never())
            .then(Scripted::text("yes")),
    );
    let config = ModelsConfig {
        concurrency: 1,
        budget: Budget {
            workflow_tokens: Some(20),
            ..Budget::default()
        },
        ..no_cache()
    };
    let bench = Bench::new(config, &[&model]);
    let dropped = tokio::time::timeout(Duration::from_secs(1), bench.ask("one")).await;
    assert!(dropped.is_err());
    assert_eq!(model.under_way(), 0);
    // It was on its way: it counts as one call by estimate.
    assert_eq!(
        (bench.meter.spent().calls, bench.meter.spent().usage.input_tokens),
        (1, 5)
    );
    assert!(bench.ask("two").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_dropped_lets_the_next_question_look() {
    let model = Arc::new(ScriptedModel::always("openai:m", Scripted::text("yes")));
    (0..5).for_each(|_| model.push(Scripted::error(overloaded())));
    model.push(Scripted::never());
    let bench = Bench::new(no_cache(), &[&model]);
    assert!(bench.ask("one").await.is_err());
    assert!(bench.ask("two").await.is_err());
    tokio::time::sleep(Duration::from_secs(30)).await;
    let probe = tokio::time::timeout(Duration::from_secs(1), bench.ask("three")).await;
    assert!(probe.is_err());
    assert!(bench.ask("four").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_a_place_and_gives_up_holds_up_nobody() {
    let model = Arc::new(ScriptedModel::always(
        "openai:m",
        Scripted::text("yes").after(Duration::from_secs(10)),
    ));
    let config = ModelsConfig {
        concurrency: 1,
        ..no_cache()
    };
    let bench = Bench::new(config, &[&model]);
    let impatient = tokio::time::timeout(Duration::from_secs(1), bench.ask("impatient"));
    let (first, impatient, last) = tokio::join!(bench.ask("first"), impatient, bench.ask("last"));
    assert!(first.is_ok() && impatient.is_err() && last.is_ok());
    assert_eq!(bench.asked(&model), [0, 10_000]);
}

#[tokio::test(start_paused = true)]
async fn when_the_process_stops_every_question_ends_at_once() {
    let model = Arc::new(ScriptedModel::always("openai:m", Scripted::never()));
    let bench = Bench::new(no_cache(), &[&model]);
    let stop = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        bench.models.stop();
    };
    let (answered, ()) = tokio::join!(bench.ask("one"), stop);
    assert_eq!(answered, Err(NotUsed::Stopping));
    assert_eq!(bench.ask("two").await, Err(NotUsed::Stopping));
    assert_eq!(
        (bench.began.elapsed(), model.under_way()),
        (Duration::from_secs(1), 0)
    );
    assert_eq!(model.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_the_workflows_end_cuts_short_does_not_speak_against_the_model() {
    let model = Arc::new(ScriptedModel::always("openai:m", Scripted::never()));
    let config = ModelsConfig {
        workflow_timeout: Duration::from_secs(2),
        ..no_cache()
    };
    let bench = Bench::new(config, &[&model]);
    for _ in 0..10 {
        let meter = bench.meter();
        let answered = bench.models.chat(AGENT, &request("q"), &meter, &mut |_| ()).await;
        assert!(matches!(
            answered,
            Err(NotUsed::Failed {
                error: ChatError::Timeout { .. },
                tries: 1,
                ..
            })
        ));
    }
    assert_eq!(bench.models.status()[0].breaker, BreakerState::Closed);
}
