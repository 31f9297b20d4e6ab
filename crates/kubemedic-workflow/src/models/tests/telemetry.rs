//! What observers see of questions: the names of the semantic conventions, figures, and never a word of content.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};

use kubemedic_model::usage::ModelUsage;
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString,
};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span,
};

use super::*;

type Table = Arc<Mutex<BTreeMap<String, String>>>;

/// Keeps the fields of every span by number and name.
#[derive(Clone, Default)]
struct Spans {
    fields: Table,
    count: Arc<AtomicU64>,
}

struct Fields<'a>(&'a Table, u64);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut table = lock(self.0);
        table.insert(format!("{} {}", self.1, field.name()), format!("{value:?}"));
    }
}

impl Subscriber for Spans {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        let id = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        attributes.record(&mut Fields(&self.fields, id));
        span::Id::from_u64(id)
    }
    fn record(&self, id: &span::Id, values: &span::Record<'_>) {
        values.record(&mut Fields(&self.fields, id.into_u64()));
    }
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let id = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        event.record(&mut Fields(&self.fields, id));
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// Keeps the value of every metric by name and labels.
#[derive(Clone, Default)]
struct Figures(Table);

struct Figure(Table, String);

impl Figure {
    fn of(table: &Table, key: &Key) -> Arc<Self> {
        let labels: Vec<String> = key
            .labels()
            .map(|it| format!("{}={}", it.key(), it.value()))
            .collect();
        Arc::new(Self(
            table.clone(),
            format!("{}{{{}}}", key.name(), labels.join(",")),
        ))
    }

    fn add(&self, value: f64) {
        let mut table = lock(&self.0);
        let sum: f64 = table.get(&self.1).map_or(0.0, |it| it.parse().unwrap());
        table.insert(self.1.clone(), (sum + value).to_string());
    }
}

impl CounterFn for Figure {
    fn increment(&self, value: u64) {
        self.add(f64::from(u32::try_from(value).unwrap()));
    }
    fn absolute(&self, _: u64) {}
}

impl GaugeFn for Figure {
    fn increment(&self, _: f64) {}
    fn decrement(&self, _: f64) {}
    fn set(&self, value: f64) {
        lock(&self.0).insert(self.1.clone(), value.to_string());
    }
}

impl HistogramFn for Figure {
    fn record(&self, value: f64) {
        self.add(value);
    }
}

impl Recorder for Figures {
    fn describe_counter(&self, _: KeyName, _: Option<metrics::Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<metrics::Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<metrics::Unit>, _: SharedString) {}
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Figure::of(&self.0, key))
    }
    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(Figure::of(&self.0, key))
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Figure::of(&self.0, key))
    }
}

/// A question that fails once, is answered, and is asked again from the cache: its spans and metrics.
fn observed() -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let (spans, figures) = (Spans::default(), Figures::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let run = || runtime.block_on(questions());
    tracing::subscriber::with_default(spans.clone(), || metrics::with_local_recorder(&figures, run));
    (lock(&spans.fields).clone(), lock(&figures.0).clone())
}

async fn questions() {
    let answer = ChatReply {
        usage: ModelUsage {
            cached_tokens: 7,
            ..USAGE
        },
        response_id: Some("resp-1".into()),
        ..reply("the secret content")
    };
    let answer = Scripted::reply(answer)
        .after(Duration::from_millis(1500))
        .piece(Delta::Text("the secret content".into()))
        .pause(Duration::from_millis(500));
    let model = Arc::new(
        model("gemini:gemini-3.8-flash")
            .then(Scripted::error(limited(Some(2))))
            .then(answer),
    );
    let bench = Bench::new(ModelsConfig::default(), &[&model]);
    for _ in 0..2 {
        let question = ChatRequest {
            temperature: Some(0.5),
            ..request("the secret question")
        };
        let answered = bench
            .models
            .chat(AGENT, &question, &bench.meter, &mut |_| ())
            .await;
        assert!(answered.is_ok());
    }
}

/// The rows of a table as lines.
fn lines(table: &BTreeMap<String, String>, beginning: &str) -> Vec<String> {
    let rows = table.iter().filter(|(name, _)| name.starts_with(beginning));
    rows.map(|(name, value)| format!("{name} = {value}")).collect()
}

#[test]
fn each_request_is_a_span_with_the_names_of_the_semantic_conventions_and_without_content() {
    let (spans, _) = observed();
    let common = |number: u32| {
        [
            ("gen_ai.agent.name", "\"AnalysisAgent\""),
            ("gen_ai.operation.name", "\"chat\""),
            ("gen_ai.output.type", "\"text\""),
            ("gen_ai.provider.name", "\"gcp.gemini\""),
            ("gen_ai.request.max_tokens", "1000"),
            ("gen_ai.request.model", "\"gemini-3.8-flash\""),
            ("gen_ai.request.stream", "true"),
            ("gen_ai.request.temperature", "0.5"),
            ("otel.kind", "\"client\""),
            ("otel.name", "\"chat gemini-3.8-flash\""),
            ("server.address", "\"scripted.example\""),
            ("server.port", "443"),
        ]
        .map(|(name, value)| format!("{number} {name} = {value}"))
    };
    let failed = [
        ("error.type", "\"rate_limited\""),
        ("otel.status_code", "\"ERROR\""),
    ];
    let answered = [
        ("gen_ai.response.finish_reasons", "[\"stop\"]"),
        ("gen_ai.response.id", "\"resp-1\""),
        ("gen_ai.response.model", "\"scripted\""),
        ("gen_ai.response.time_to_first_chunk", "1.5"),
        ("gen_ai.usage.cache_read.input_tokens", "7"),
        ("gen_ai.usage.input_tokens", "100"),
        ("gen_ai.usage.output_tokens", "20"),
        ("gen_ai.usage.reasoning.output_tokens", "5"),
    ];
    let with = |number: u32, more: &[(&str, &str)]| {
        let more = more
            .iter()
            .map(|(name, value)| format!("{number} {name} = {value}"));
        let mut all: Vec<String> = common(number).into_iter().chain(more).collect();
        all.sort();
        all
    };
    assert_eq!(lines(&spans, "1 "), with(1, &failed));
    // The second one is the event that tells of the failure, by kind only.
    assert_eq!(
        lines(&spans, "2 "),
        [
            "2 error = \"rate_limited\"",
            "2 message = a language model gave no answer",
            "2 model = gemini:gemini-3.8-flash",
        ]
    );
    assert_eq!(lines(&spans, "3 "), with(3, &answered));
    let everything = format!("{spans:?}");
    assert!(!everything.contains("secret") && !everything.contains("429"));
    for obsolete in ["gen_ai.system", "prompt_tokens", "completion_tokens"] {
        assert!(!everything.contains(obsolete));
    }
}

#[test]
fn metrics_count_calls_tokens_money_retries_and_hits() {
    let (_, figures) = observed();
    let model = "provider=gemini,model=gemini-3.8-flash";
    let expected = [
        ("kubemedic_model_breaker_state", model.to_owned(), "0"),
        (
            "kubemedic_model_cache_hits_total",
            "agent=AnalysisAgent".to_owned(),
            "1",
        ),
        ("kubemedic_model_call_seconds", model.to_owned(), "2"),
        (
            "kubemedic_model_calls_total",
            format!("agent=AnalysisAgent,{model},outcome=ok"),
            "1",
        ),
        (
            "kubemedic_model_calls_total",
            format!("agent=AnalysisAgent,{model},outcome=rate_limited"),
            "1",
        ),
        (
            "kubemedic_model_cost_micro_dollars_total",
            model.to_owned(),
            "150",
        ),
        ("kubemedic_model_first_piece_seconds", model.to_owned(), "1.5"),
        ("kubemedic_model_retries_total", model.to_owned(), "1"),
        (
            "kubemedic_model_tokens_total",
            format!("{model},direction=input"),
            "100",
        ),
        (
            "kubemedic_model_tokens_total",
            format!("{model},direction=output"),
            "20",
        ),
    ];
    let expected = expected.map(|(name, labels, value)| format!("{name}{{{labels}}} = {value}"));
    assert_eq!(lines(&figures, ""), expected);
}
