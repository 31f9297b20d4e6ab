//! Questions on their way through cache, budgets, breakers, places, retries, fallbacks and transcripts, over scripted models and
//! virtual time.

use kubemedic_ports::chat_model::{ChatError, Delta};
use kubemedic_testkit::{
    manual_clock::ManualClock,
    scripted_model::{Scripted, ScriptedModel, USAGE, reply, request},
};
use tokio::time::Instant;

use super::*;

mod budgets;
mod caching;
mod chains;
mod giving_up;
mod retries;
mod storms;
mod telemetry;
mod transcripts;

const AGENT: Agent = Agent::AnalysisAgent;

/// Models of one agent with a meter of one workflow.
struct Bench {
    clock: Arc<ManualClock>,
    models: Models,
    meter: Meter,
    began: Instant,
}

impl Bench {
    fn new(config: ModelsConfig, chain: &[&Arc<ScriptedModel>]) -> Self {
        let clock = Arc::new(ManualClock::default());
        let chain = chain.iter().map(|it| Arc::clone(*it) as _).collect();
        let models = Models::new(config, Chains::from([(AGENT, chain)]), clock.clone());
        Self {
            meter: Meter::new(ModelSpending::default(), clock.clone()),
            clock,
            models,
            began: Instant::now(),
        }
    }

    fn recording(self, transcript: Transcript) -> Self {
        Self {
            models: self.models.with_transcript(transcript),
            ..self
        }
    }

    /// A meter of another workflow.
    fn meter(&self) -> Meter {
        Meter::new(ModelSpending::default(), self.clock.clone())
    }

    async fn ask(&self, text: &str) -> Result<Answered, NotUsed> {
        self.models
            .chat(AGENT, &request(text), &self.meter, &mut |_| ())
            .await
    }

    /// When a model was asked, in milliseconds since the beginning.
    fn asked(&self, model: &ScriptedModel) -> Vec<u128> {
        let since = |at: Instant| at.duration_since(self.began).as_millis();
        model.asked_at().into_iter().map(since).collect()
    }

    /// The wait before try `tries + 1` of the n-th question to a model, in milliseconds.
    fn backoff(model: &ScriptedModel, text: &str, (question, tries): (u64, u32)) -> u128 {
        let digest = Question::of(AGENT, &request(text)).digest;
        let seed = format!("{digest}\n{question}\n{}", model.name());
        retry::backoff(tries, &seed).as_millis()
    }
}

fn no_cache() -> ModelsConfig {
    ModelsConfig {
        cache_entries: 0,
        ..ModelsConfig::default()
    }
}

fn model(name: &str) -> ScriptedModel {
    ScriptedModel::named(name)
}

fn overloaded() -> ChatError {
    ChatError::Overloaded {
        after: None,
        reason: "503".to_owned(),
    }
}

fn limited(after: Option<u64>) -> ChatError {
    ChatError::RateLimited {
        after: after.map(Duration::from_secs),
        reason: "429".to_owned(),
    }
}

fn spent(calls: u64, usage: kubemedic_model::usage::ModelUsage, micro_dollars: u64) -> ModelSpending {
    ModelSpending {
        calls,
        usage,
        micro_dollars,
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_names_its_model_and_what_it_cost() {
    let model = Arc::new(model("gemini:gemini-3.8-flash").then(Scripted::text("yes")));
    let bench = Bench::new(no_cache(), &[&model]);
    let answered = bench.ask("why?").await;
    // 100 tokens at 0.75 and 20 at 3.75 dollars for a million.
    let spent = spent(1, USAGE, 150);
    let expected = Answered {
        reply: reply("yes"),
        by: model.name().clone(),
        spent,
        from_cache: false,
        notes: Vec::new(),
    };
    assert_eq!(answered, Ok(expected));
    assert_eq!(
        (bench.meter.spent(), bench.models.spending_today()),
        (spent, spent)
    );
    assert_eq!(model.requests(), [request("why?")]);
}

#[tokio::test(start_paused = true)]
async fn without_models_the_answer_says_so_and_a_status_tells_unknown_prices_once() {
    let none = Models::none();
    let meter = Meter::new(ModelSpending::default(), Arc::new(ManualClock::default()));
    let answered = none.chat(AGENT, &request("why?"), &meter, &mut |_| ()).await;
    assert_eq!(answered, Err(NotUsed::NotConfigured));
    assert_eq!((none.is_configured(AGENT), none.status()), (false, Vec::new()));

    let clock = Arc::new(ManualClock::default());
    let two = [model("openai:gpt-5.5"), model("ollama:llama4")];
    let two: Vec<Arc<dyn ChatModel>> = two.into_iter().map(|it| Arc::new(it) as _).collect();
    let chains = Chains::from([(AGENT, two.clone()), (Agent::MonitoringAgent, two)]);
    let models = Models::new(ModelsConfig::default(), chains, clock);
    let closed = |name: &str, note: Option<&str>| ModelStatus {
        model: name.parse().unwrap(),
        breaker: BreakerState::Closed,
        rests_for: None,
        last_error: None,
        spent: ModelSpending::default(),
        note: note.map(str::to_owned),
    };
    let expected = [
        closed(
            "openai:gpt-5.5",
            Some("no price of openai:gpt-5.5 is known and it counts as 0: MODEL_PRICES sets it"),
        ),
        closed("ollama:llama4", None),
    ];
    assert_eq!(models.status(), expected);
    assert!(models.is_configured(AGENT) && !models.is_configured(Agent::RemediationAgent));
}
