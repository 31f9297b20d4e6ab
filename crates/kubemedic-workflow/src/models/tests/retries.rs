//! When a model is asked again, to the millisecond.

use kubemedic_ports::chat_model::{CutBy, Effort};

use super::*;

#[tokio::test(start_paused = true)]
async fn a_failure_that_may_pass_is_tried_again_after_its_backoff_and_no_sooner() {
    let passing = [
        limited(None),
        overloaded(),
        ChatError::Transport {
            reason: "refused".into(),
        },
        ChatError::Malformed {
            reason: "no JSON".into(),
        },
        ChatError::Truncated {
            by: CutBy::Connection,
        },
    ];
    for error in passing {
        let model = Arc::new(
            model("openai:m")
                .then(Scripted::error(error.clone()))
                .then(Scripted::error(error.clone()))
                .then(Scripted::text("yes")),
        );
        let bench = Bench::new(no_cache(), &[&model]);
        let answered = bench.ask("why?").await.unwrap();
        let first = Bench::backoff(&model, "why?", (0, 1));
        let second = Bench::backoff(&model, "why?", (0, 2));
        assert_eq!(bench.asked(&model), [0, first, first + second], "{error:?}");
        assert_eq!((answered.reply, answered.spent.calls), (reply("yes"), 3));
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_cannot_pass_is_never_tried_again() {
    let reason = || "no".to_owned();
    let lasting = [
        ChatError::Auth { reason: reason() },
        ChatError::ModelGone { reason: reason() },
        ChatError::BadRequest { reason: reason() },
        ChatError::QuotaExhausted { reason: reason() },
        ChatError::Blocked { reason: reason() },
    ];
    for error in lasting {
        let model = Arc::new(
            model("openai:m")
                .then(Scripted::error(error.clone()))
                .then(Scripted::text("yes")),
        );
        let bench = Bench::new(no_cache(), &[&model]);
        let expected = NotUsed::Failed {
            model: model.name().clone(),
            error,
            tries: 1,
            notes: Vec::new(),
        };
        assert_eq!(bench.ask("why?").await, Err(expected));
        assert_eq!(bench.asked(&model), [0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_says_how_long_to_wait_is_asked_exactly_then() {
    let wait = ChatError::Overloaded {
        after: Some(Duration::from_millis(1500)),
        reason: "503".into(),
    };
    let model = Arc::new(
        model("gemini:m")
            .then(Scripted::error(limited(Some(37))))
            .then(Scripted::error(wait))
            .then(Scripted::text("yes")),
    );
    let bench = Bench::new(no_cache(), &[&model]);
    assert!(bench.ask("why?").await.is_ok());
    assert_eq!(bench.asked(&model), [0, 37_000, 38_500]);
}

#[tokio::test(start_paused = true)]
async fn another_workflow_waits_too_when_a_provider_asks_to_be_left_alone() {
    let model = Arc::new(ScriptedModel::always("gemini:m", Scripted::text("yes")));
    model.push(Scripted::error(limited(Some(10))));
    let bench = Bench::new(no_cache(), &[&model]);
    let other = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        bench.ask("what?").await
    };
    let (one, two) = tokio::join!(bench.ask("why?"), other);
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(bench.asked(&model), [0, 10_000, 10_000]);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_longer_than_the_time_left_gives_the_model_up_at_once() {
    let model = Arc::new(model("gemini:m").then(Scripted::error(limited(Some(180)))));
    let bench = Bench::new(no_cache(), &[&model]);
    let expected = NotUsed::Failed {
        model: model.name().clone(),
        error: limited(Some(180)),
        tries: 1,
        notes: Vec::new(),
    };
    assert_eq!(bench.ask("why?").await, Err(expected));
    assert_eq!(bench.began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn an_answer_cut_by_its_limit_is_asked_for_once_more_at_once_with_twice_the_room() {
    let cut = || Scripted::error(ChatError::Truncated { by: CutBy::Tokens });
    let model = Arc::new(
        model("gemini:gemini-3.8-flash")
            .then(cut())
            .then(cut())
            .then(Scripted::text("yes")),
    );
    let bench = Bench::new(no_cache(), &[&model]);
    let not_used = bench.ask("why?").await.unwrap_err();
    assert_eq!(
        not_used.to_string(),
        "gemini:gemini-3.8-flash gave no answer in 2 tries: the answer was cut short by Tokens"
    );
    let larger = ChatRequest {
        max_tokens: 2000,
        effort: Effort::Low,
        ..request("why?")
    };
    assert_eq!(model.requests(), [request("why?"), larger]);
    assert_eq!(bench.asked(&model), [0, 0]);
    // The model has worked: both limits of tokens count, and the question by estimate (15 + 4 characters).
    let usage = bench.meter.spent().usage;
    assert_eq!((usage.input_tokens, usage.output_tokens), (10, 3000));
}

#[tokio::test(start_paused = true)]
async fn a_request_without_an_answer_ends_with_its_time_and_is_tried_again() {
    let model = Arc::new(
        model("openai:m")
            .then(Scripted::never().piece(Delta::Text("y".into())))
            .then(Scripted::text("yes")),
    );
    let config = ModelsConfig {
        call_timeout: Duration::from_secs(20),
        ..no_cache()
    };
    let bench = Bench::new(config, &[&model]);
    let mut told = Vec::new();
    let answered = bench
        .models
        .chat(AGENT, &request("why?"), &bench.meter, &mut |delta| {
            told.push(delta);
        })
        .await;
    assert!(answered.is_ok());
    let wait = Bench::backoff(&model, "why?", (0, 1));
    assert_eq!(bench.asked(&model), [0, 20_000 + wait]);
    let text = |it: &str| Delta::Text(it.to_owned());
    assert_eq!(told, [text("y"), Delta::Restart, text("yes")]);
}

#[tokio::test(start_paused = true)]
async fn an_empty_answer_is_none() {
    let model = Arc::new(
        model("openai:m")
            .then(Scripted::text(" \n"))
            .then(Scripted::text("yes")),
    );
    let bench = Bench::new(no_cache(), &[&model]);
    assert_eq!(bench.ask("why?").await.unwrap().reply, reply("yes"));
    assert_eq!(model.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_after_the_workflows_time_is_over_and_the_sentence_says_what_happened_last() {
    let model = Arc::new(ScriptedModel::always("openai:m", Scripted::never()));
    let bench = Bench::new(no_cache(), &[&model]);
    let first = bench.ask("why?").await.unwrap_err();
    let elapsed = bench.began.elapsed();
    assert!(elapsed <= Duration::from_mins(3), "{elapsed:?}");
    let asked = model.requests().len();
    assert!(matches!(first, NotUsed::Failed { tries: 3, .. }), "{first:?}");
    tokio::time::sleep(Duration::from_mins(3)).await;
    assert_eq!(
        bench.ask("what?").await.unwrap_err().to_string(),
        "language models had 180 seconds in this workflow, since 2026-01-02T03:04:05Z, and they are over; MODEL_WORKFLOW_TIMEOUT_SECONDS sets them"
    );
    assert_eq!(model.requests().len(), asked);
    let limit = bench.began + Duration::from_mins(3);
    assert!(model.asked_at().iter().all(|at| *at < limit));
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_all_time_is_no_panic_but_the_end_of_that_model() {
    let endless = ChatError::RateLimited {
        after: Some(Duration::MAX),
        reason: "429".into(),
    };
    let model = Arc::new(model("gemini:m").then(Scripted::error(endless.clone())));
    let config = ModelsConfig {
        call_timeout: Duration::MAX,
        ..no_cache()
    };
    let bench = Bench::new(config, &[&model]);
    let answered = bench.ask("why?").await;
    assert!(matches!(answered, Err(NotUsed::Failed { error, tries: 1, .. }) if error == endless));
}

#[tokio::test(start_paused = true)]
async fn a_model_that_tells_without_end_is_not_listened_to_without_end() {
    let megabyte = || Delta::Text("x".repeat(1024 * 1024));
    let flood = (0..9).fold(Scripted::reply(reply("yes")), |it, _| it.piece(megabyte()));
    let model = Arc::new(model("openai:m").then(flood));
    let bench = Bench::new(ModelsConfig::default(), &[&model]);
    let mut pieces = 0;
    let answered = bench
        .models
        .chat(AGENT, &request("why?"), &bench.meter, &mut |_| pieces += 1)
        .await;
    assert_eq!((answered.is_ok(), pieces), (true, 4));
}
