//! A budget that is used up ends a question before it is asked, in words that say which one.

use super::*;

fn config(budget: Budget) -> ModelsConfig {
    ModelsConfig { budget, ..no_cache() }
}

#[tokio::test(start_paused = true)]
async fn a_workflow_that_has_used_its_tokens_up_asks_nothing_more_and_another_one_does() {
    let model = Arc::new(ScriptedModel::always("openai:m", Scripted::text("yes")));
    let budget = Budget {
        workflow_tokens: Some(200),
        ..Budget::default()
    };
    let bench = Bench::new(config(budget), &[&model]);
    assert!(bench.ask("one").await.is_ok());
    assert!(bench.ask("two").await.is_ok());
    assert_eq!(
        bench.ask("three").await.unwrap_err().to_string(),
        "the budget of this workflow for language models does not suffice: 240 tokens of 200 tokens are used and the next question takes about 5 tokens; MODEL_WORKFLOW_TOKENS sets it, the next workflow has its own"
    );
    assert_eq!(model.requests().len(), 2);
    let other = bench.meter();
    let answered = bench
        .models
        .chat(AGENT, &request("three"), &other, &mut |_| ())
        .await;
    assert!(answered.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_day_that_has_used_its_money_up_asks_again_after_midnight_and_a_restart_gives_no_new_budget() {
    let model = Arc::new(ScriptedModel::always(
        "gemini:gemini-3.8-flash",
        Scripted::text("yes"),
    ));
    let budget = Budget {
        day_micro_dollars: Some(1000),
        ..Budget::default()
    };
    let bench = Bench::new(config(budget), &[&model]);
    bench
        .models
        .add_spent_today(spent(9, kubemedic_model::usage::ModelUsage::default(), 900));
    assert!(bench.ask("one").await.is_ok());
    assert_eq!(
        bench.ask("two").await.unwrap_err().to_string(),
        "the budget of today (UTC) for language models does not suffice: $0.001050 of $0.001000 are used and the next question takes about $0.000004; MODEL_DAY_COST_USD sets it, it starts anew at 2026-01-03T00:00:00Z"
    );
    bench.clock.advance_seconds(86_400);
    assert_eq!(bench.models.spending_today(), ModelSpending::default());
    assert!(bench.ask("two").await.is_ok());
    assert_eq!(bench.models.spending_today().micro_dollars, 150);
}

#[tokio::test(start_paused = true)]
async fn where_money_is_used_up_a_free_model_behind_still_answers() {
    let dear = Arc::new(ScriptedModel::always(
        "gemini:gemini-3.8-flash",
        Scripted::text("dear"),
    ));
    let free = Arc::new(ScriptedModel::always("ollama:llama4", Scripted::text("free")));
    let budget = Budget {
        workflow_micro_dollars: Some(150),
        ..Budget::default()
    };
    let bench = Bench::new(config(budget), &[&dear, &free]);
    assert_eq!(bench.ask("one").await.unwrap().by, *dear.name());
    assert_eq!(bench.ask("two").await.unwrap().by, *free.name());
    assert_eq!(bench.meter.spent().micro_dollars, 150);
}

#[tokio::test(start_paused = true)]
async fn each_retry_asks_the_budget_anew() {
    let blank = || {
        Scripted::error(ChatError::Malformed {
            reason: "no JSON".into(),
        })
    };
    let model = Arc::new(
        model("openai:m")
            .then(blank())
            .then(blank())
            .then(Scripted::text("yes")),
    );
    let budget = Budget {
        workflow_tokens: Some(10),
        ..Budget::default()
    };
    let bench = Bench::new(config(budget), &[&model]);
    // 15 + 3 characters are 5 tokens: there is room for two tries that were charged by estimate.
    assert!(matches!(bench.ask("why").await, Err(NotUsed::Budget(_))));
    assert_eq!(model.requests().len(), 2);
}
