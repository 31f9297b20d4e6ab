//! Metrics and the span of each request to a model, under the `gen_ai.*` names of OpenTelemetry's semantic conventions (1.44). No
//! content and no provider's words leave here: only names, figures and the kind of a failure.

use std::time::Duration;

use kubemedic_model::{event::Agent, usage::ModelSpending};
use kubemedic_ports::chat_model::{ChatError, ChatModel, ChatReply, ChatRequest, ModelName};
use metrics::{counter, gauge, histogram};
use tracing::{Span, field};

use super::breaker::BreakerState;

/// The span of one request.
pub(super) fn span(model: &dyn ChatModel, agent: Agent, request: &ChatRequest) -> Span {
    let name = model.name();
    let server = model.server();
    let (address, port) = match server.rsplit_once(':') {
        Some((address, port)) => (address, port.parse::<u16>().ok()),
        None => (server.as_str(), None),
    };
    tracing::info_span!(
        "chat",
        otel.name = format!("chat {}", name.model),
        otel.kind = "client",
        otel.status_code = field::Empty,
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = name.provider.telemetry_name(),
        gen_ai.agent.name = agent.as_str(),
        gen_ai.request.model = name.model,
        gen_ai.request.max_tokens = request.max_tokens,
        gen_ai.request.temperature = request.temperature,
        gen_ai.request.stream = true,
        gen_ai.output.type = if request.schema.is_some() { "json" } else { "text" },
        gen_ai.response.id = field::Empty,
        gen_ai.response.model = field::Empty,
        gen_ai.response.finish_reasons = field::Empty,
        gen_ai.response.time_to_first_chunk = field::Empty,
        gen_ai.usage.input_tokens = field::Empty,
        gen_ai.usage.output_tokens = field::Empty,
        gen_ai.usage.cache_read.input_tokens = field::Empty,
        gen_ai.usage.reasoning.output_tokens = field::Empty,
        error.type = field::Empty,
        server.address = address,
        server.port = port,
    )
}

/// What one request came to.
#[derive(Debug)]
pub(super) struct Finished<'a> {
    pub(super) agent: Agent,
    pub(super) model: &'a ModelName,
    pub(super) result: Result<&'a ChatReply, &'a ChatError>,
    pub(super) spent: ModelSpending,
    pub(super) took: Duration,
    pub(super) first_piece: Option<Duration>,
}

/// Tells what a request came to, in its span and in the metrics.
pub(super) fn finished(span: &Span, it: &Finished<'_>) {
    if let Some(first) = it.first_piece {
        span.record("gen_ai.response.time_to_first_chunk", first.as_secs_f64());
    }
    match it.result {
        Ok(reply) => record_reply(span, reply),
        Err(error) => {
            span.record("error.type", error.kind());
            span.record("otel.status_code", "ERROR");
            tracing::debug!(model = %it.model, error = error.kind(), "a language model gave no answer");
        }
    }
    count(it);
}

fn record_reply(span: &Span, reply: &ChatReply) {
    let usage = reply.usage;
    if let Some(id) = &reply.response_id {
        span.record("gen_ai.response.id", id.as_str());
    }
    span.record("gen_ai.response.model", reply.model.as_str());
    span.record(
        "gen_ai.response.finish_reasons",
        field::debug([&reply.finish_reason]),
    );
    span.record("gen_ai.usage.input_tokens", usage.input_tokens);
    span.record("gen_ai.usage.output_tokens", usage.output_tokens);
    span.record("gen_ai.usage.cache_read.input_tokens", usage.cached_tokens);
    span.record("gen_ai.usage.reasoning.output_tokens", usage.reasoning_tokens);
}

fn count(it: &Finished<'_>) {
    let agent = it.agent.as_str();
    let provider = it.model.provider.as_str();
    let model = it.model.model.clone();
    let outcome = it.result.map_or_else(ChatError::kind, |_| "ok");
    counter!("kubemedic_model_calls_total", "agent" => agent, "provider" => provider, "model" => model.clone(), "outcome" => outcome)
        .increment(1);
    counter!("kubemedic_model_tokens_total", "provider" => provider, "model" => model.clone(), "direction" => "input")
        .increment(it.spent.usage.input_tokens);
    counter!("kubemedic_model_tokens_total", "provider" => provider, "model" => model.clone(), "direction" => "output")
        .increment(it.spent.usage.output_tokens);
    counter!("kubemedic_model_cost_micro_dollars_total", "provider" => provider, "model" => model.clone())
        .increment(it.spent.micro_dollars);
    histogram!("kubemedic_model_call_seconds", "provider" => provider, "model" => model.clone())
        .record(it.took.as_secs_f64());
    if let Some(first) = it.first_piece {
        histogram!("kubemedic_model_first_piece_seconds", "provider" => provider, "model" => model)
            .record(first.as_secs_f64());
    }
}

/// A model is asked again.
pub(super) fn retry(model: &ModelName) {
    counter!("kubemedic_model_retries_total", "provider" => model.provider.as_str(), "model" => model.model.clone())
        .increment(1);
}

/// An answer came from the cache.
pub(super) fn cache_hit(agent: Agent) {
    counter!("kubemedic_model_cache_hits_total", "agent" => agent.as_str()).increment(1);
}

/// A question ended without an answer.
pub(super) fn not_used(agent: Agent, reason: &'static str) {
    counter!("kubemedic_model_not_used_total", "agent" => agent.as_str(), "reason" => reason).increment(1);
}

/// A breaker is in this state now.
pub(super) fn breaker(model: &ModelName, before: BreakerState, after: BreakerState) {
    gauge!("kubemedic_model_breaker_state", "provider" => model.provider.as_str(), "model" => model.model.clone())
        .set(after.gauge());
    if before != BreakerState::Open && after == BreakerState::Open {
        tracing::warn!(model = %model, "a language model rests after failures; other models or the engine answer");
    }
}
