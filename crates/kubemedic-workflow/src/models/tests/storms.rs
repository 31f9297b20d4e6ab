//! Many workflows against models that fail: nobody waits for ever, and the provider is not buried.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use kubemedic_ports::chat_model::CutBy;

use super::*;

const WORKFLOWS: u64 = 300;

/// Asks a question for each of the workflows, all at once.
async fn ask_all(bench: &Bench) -> Vec<Result<Answered, NotUsed>> {
    let meters: Vec<Meter> = (0..WORKFLOWS).map(|_| bench.meter()).collect();
    let requests: Vec<ChatRequest> = (0..WORKFLOWS)
        .map(|n| request(&format!("question {n}")))
        .collect();
    let asked = requests
        .iter()
        .zip(&meters)
        .map(async |(request, meter)| bench.models.chat(AGENT, request, meter, &mut |_| ()).await);
    join_all(asked).await
}

#[tokio::test(start_paused = true)]
async fn three_hundred_questions_to_a_model_that_always_fails_make_no_storm() {
    let failing = Scripted::error(overloaded()).after(Duration::from_millis(100));
    let model = Arc::new(ScriptedModel::always("openai:m", failing));
    let bench = Bench::new(no_cache(), &[&model]);
    let answered = ask_all(&bench).await;
    assert!(
        answered
            .iter()
            .all(|it| matches!(it, Err(NotUsed::Failed { .. })))
    );
    // The breaker opens with the first eight that are under way together; all others learn from it.
    assert_eq!(model.requests().len(), 8);
    assert!(bench.began.elapsed() < Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_answers_every_other_request_gets_a_burst_and_a_fifth_more() {
    let count = AtomicU64::new(0);
    let model = Arc::new(ScriptedModel::answering("openai:m", move |_| {
        if count.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
            Scripted::error(overloaded())
        } else {
            Scripted::text("yes")
        }
    }));
    let bench = Bench::new(no_cache(), &[&model]);
    let answered = ask_all(&bench).await;
    let requests = model.requests().len();
    assert!(requests > 300 && requests <= 300 + 60 + 20, "{requests}");
    assert!(answered.iter().filter(|it| it.is_ok()).count() >= 150);
}

/// What happens to a request, by turns, and whether it can end in an answer.
fn mix() -> Vec<Scripted> {
    let reason = || "scripted".to_owned();
    let seconds = Duration::from_secs;
    vec![
        Scripted::text("fine"),
        Scripted::error(limited(None)),
        Scripted::error(limited(Some(2))),
        Scripted::error(ChatError::Overloaded {
            after: None,
            reason: "500".into(),
        }),
        Scripted::error(ChatError::Overloaded {
            after: Some(seconds(1)),
            reason: "503".into(),
        }),
        Scripted::text("slow first token").after(seconds(25)),
        Scripted::never().piece(Delta::Text("stalls".into())),
        Scripted::error(ChatError::Truncated {
            by: CutBy::Connection,
        })
        .piece(Delta::Text("trunc".into())),
        Scripted::error(ChatError::Transport { reason: reason() }).after(seconds(1)),
        Scripted::error(ChatError::Malformed { reason: reason() }),
        Scripted::error(ChatError::Blocked {
            reason: "SAFETY".into(),
        }),
        Scripted::error(ChatError::Truncated { by: CutBy::Tokens }),
        Scripted::text(""),
    ]
}

#[tokio::test(start_paused = true)]
async fn three_hundred_questions_over_a_mix_of_all_faults_end_in_time_with_a_whole_answer_or_a_reason() {
    let faults = |name: &str, step: usize| {
        let (mix, count) = (mix(), AtomicU64::new(0));
        Arc::new(ScriptedModel::answering(name, move |_| {
            let at = usize::try_from(count.fetch_add(1, Ordering::Relaxed)).unwrap();
            mix[at * step % mix.len()].clone()
        }))
    };
    let first = faults("gemini:gemini-3.8-flash", 1);
    let second = faults("openai:m", 5);
    let bench = Bench::new(no_cache(), &[&first, &second]);
    let answered = ask_all(&bench).await;
    assert!(bench.began.elapsed() <= Duration::from_mins(3));
    let mut ends: BTreeMap<&str, usize> = BTreeMap::new();
    for result in &answered {
        let end = match result {
            Ok(it) => {
                assert!(
                    ["fine", "slow first token"].contains(&it.reply.text.as_str()),
                    "{it:?}"
                );
                "answered"
            }
            Err(not_used) => {
                assert!(not_used.to_string().len() > 20, "{not_used}");
                not_used.kind()
            }
        };
        *ends.entry(end).or_default() += 1;
    }
    assert_eq!(answered.len(), 300);
    assert!(ends["answered"] > 0 && ends.len() > 3, "{ends:?}");
    // A question to each model at most, a fifth more and a burst.
    let requests = first.requests().len() + second.requests().len();
    assert!(requests <= 2 * 300 + 60 + 20, "{requests}");
    let calls = bench.models.spending_today().calls;
    assert_eq!(calls, requests as u64);
}
