//! The spans that OpenTelemetry knows of generative AI: which of the process' spans they are, and the metrics that follow
//! from them (opentelemetry.io, semantic conventions for generative AI, "Metrics").

use std::time::Duration;

use opentelemetry::{
    Context, KeyValue, StringValue, Value,
    metrics::{Histogram, Meter},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanProcessor},
};
use tracing::Metadata;

/// The names of the spans. What each is of stands in `otel.name`.
const SPANS: [&str; 5] = [
    "invoke_workflow",
    "invoke_agent",
    "execute_tool",
    "chat",
    "embeddings",
];
/// The target of events that hold questions and answers. They are only ever sent where somebody asked for them.
const CONTENT: &str = "gen_ai.content";

/// Bounds of durations in seconds, as the conventions give them.
const SECONDS: [f64; 14] = [
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];
/// Bounds of token counts, as the conventions give them.
const TOKENS: [f64; 14] = [
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];
/// Attributes that are whole numbers.
const NUMBERS: [&str; 6] = [
    "gen_ai.request.max_tokens",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.reasoning.output_tokens",
    "server.port",
];
/// The attribute that is a list of words.
const FINISH_REASONS: &str = "gen_ai.response.finish_reasons";
/// What a measured call is told apart by.
const DIMENSIONS: [&str; 7] = [
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.request.model",
    "gen_ai.response.model",
    "server.address",
    "server.port",
    "error.type",
];

/// Whether something traced goes to the collector.
pub fn is_sent(metadata: &Metadata<'_>, content: bool) -> bool {
    if metadata.is_span() {
        return SPANS.contains(&metadata.name());
    }
    content && metadata.target() == CONTENT
}

/// Whether something traced may stand in a log: neither content nor the many fields of these spans.
pub fn is_logged(metadata: &Metadata<'_>) -> bool {
    metadata.target() != CONTENT && !(metadata.is_span() && SPANS.contains(&metadata.name()))
}

/// Measures the calls of models by the spans that end.
#[derive(Debug)]
pub struct Measured {
    duration: Histogram<f64>,
    tokens: Histogram<u64>,
}

impl Measured {
    /// Records into a meter.
    pub fn new(meter: &Meter) -> Self {
        Self {
            duration: meter
                .f64_histogram("gen_ai.client.operation.duration")
                .with_unit("s")
                .with_description("How long calls of models take.")
                .with_boundaries(SECONDS.to_vec())
                .build(),
            tokens: meter
                .u64_histogram("gen_ai.client.token.usage")
                .with_unit("{token}")
                .with_description("Tokens of calls of models.")
                .with_boundaries(TOKENS.to_vec())
                .build(),
        }
    }
}

impl SpanProcessor for Measured {
    fn on_start(&self, _span: &mut Span, _context: &Context) {}

    fn on_end(&self, span: SpanData) {
        let value = |name: &str| {
            let found = span.attributes.iter().find(|it| it.key.as_str() == name);
            found.map(|it| &it.value)
        };
        let call = value("gen_ai.operation.name").map(Value::as_str);
        if !call.is_some_and(|it| it == "chat" || it == "embeddings") {
            return;
        }
        let mut dimensions: Vec<KeyValue> = span
            .attributes
            .iter()
            .filter(|it| DIMENSIONS.contains(&it.key.as_str()))
            .cloned()
            .collect();
        let took = span.end_time.duration_since(span.start_time);
        self.duration
            .record(took.unwrap_or_default().as_secs_f64(), &dimensions);
        for (kind, name) in [
            ("input", "gen_ai.usage.input_tokens"),
            ("output", "gen_ai.usage.output_tokens"),
        ] {
            if let Some(count) = value(name).and_then(count) {
                dimensions.push(KeyValue::new("gen_ai.token.type", kind));
                self.tokens.record(count, &dimensions);
                dimensions.pop();
            }
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

fn count(value: &Value) -> Option<u64> {
    match value {
        Value::I64(number) => u64::try_from(*number).ok(),
        Value::String(text) => text.as_str().parse().ok(),
        _ => None,
    }
}

/// Gives attributes the types of the conventions: tracing hands on unsigned numbers and lists as text.
pub fn give_types(span: &mut SpanData) {
    for attribute in &mut span.attributes {
        let Value::String(text) = &attribute.value else {
            continue;
        };
        let name = attribute.key.as_str();
        if NUMBERS.contains(&name)
            && let Ok(number) = text.as_str().parse()
        {
            attribute.value = Value::I64(number);
        } else if name == FINISH_REASONS {
            let words = text.as_str().split(['[', ']', '"', ',']).map(str::trim);
            let words = words.filter(|word| !word.is_empty());
            let words: Vec<StringValue> = words.map(|word| word.to_owned().into()).collect();
            attribute.value = Value::Array(words.into());
        }
    }
}
