//! The settings of language models, embeddings and the telemetry about them.

use super::{Setting, now, secret};

/// In the order in which people meet them.
pub(super) const SETTINGS: &[Setting] = &[
    secret(
        "GOOGLE_API_KEY",
        "Key for Gemini. Without any model configured the engine answers alone.",
    ),
    secret("GEMINI_API_KEY", "Another name for `GOOGLE_API_KEY`, which wins."),
    now(
        "GEMINI_MODEL_ID",
        "gemini-3.8-flash",
        "Gemini model. A retired one is told at the start; the default then stands behind it.",
    ),
    now("GEMINI_BASE_URL", "", "Gemini endpoint. Blank: Google's."),
    secret("OPENAI_API_KEY", "Key for an OpenAI-compatible server."),
    now(
        "OPENAI_BASE_URL",
        "",
        "OpenAI-compatible endpoint: vLLM, llama.cpp, a gateway, up to and with `/v1`. Blank: OpenAI's.",
    ),
    now(
        "OPENAI_MODEL",
        "",
        "OpenAI-compatible model; needs `OPENAI_API_KEY` or `OPENAI_BASE_URL`.",
    ),
    secret("ANTHROPIC_API_KEY", "Key for Anthropic."),
    now(
        "ANTHROPIC_BASE_URL",
        "",
        "Anthropic endpoint. Blank: Anthropic's.",
    ),
    now("ANTHROPIC_MODEL", "claude-sonnet-5-5", "Anthropic model."),
    now("OLLAMA_HOST", "http://127.0.0.1:11434", "Ollama server."),
    now("OLLAMA_MODEL", "", "Ollama model. It is what configures Ollama."),
    now(
        "MODEL_PROVIDER",
        "",
        "Which provider answers: `gemini`, `openai`, `anthropic`, `ollama`, or `none`. Blank: the first of these that is configured.",
    ),
    now(
        "MODEL_FALLBACKS",
        "",
        "Models to ask when the first fails, for all agents: `provider:model`, comma-separated.",
    ),
    now(
        "MONITORING_MODEL",
        "",
        "The Monitoring Agent's model, `provider:model`; several, comma-separated, are asked in turn; `none`: the engine alone. Blank: the provider's.",
    ),
    now("ANALYSIS_MODEL", "", "The same for the Analysis Agent."),
    now("REMEDIATION_MODEL", "", "The same for the Remediation Agent."),
    now("KUBECTL_MODEL", "", "The same for the Kubectl Command Agent."),
    now(
        "TEMPERATURE",
        "",
        "Temperature of language models, 0 to 2. Blank: it is not sent, which new models want.",
    ),
    now(
        "MAX_TOKENS",
        "8192",
        "Most tokens of a model's answer, its thinking included.",
    ),
    now(
        "MODEL_CALL_TIMEOUT_SECONDS",
        "60",
        "How long one call of a model may take.",
    ),
    now(
        "MODEL_WORKFLOW_TIMEOUT_SECONDS",
        "180",
        "How long the models of one workflow may take together. Then the engine goes on alone.",
    ),
    now(
        "MODEL_MAX_RETRIES",
        "2",
        "How often a call is tried again where that can help.",
    ),
    now(
        "MODEL_CONCURRENCY",
        "8",
        "The most calls of models at a time, for each provider.",
    ),
    now(
        "MODEL_WORKFLOW_TOKENS",
        "300000",
        "The most tokens that one workflow may spend, both directions; `unlimited` lifts it.",
    ),
    now(
        "MODEL_DAY_TOKENS",
        "unlimited",
        "The most tokens that a day (UTC) may spend.",
    ),
    now(
        "MODEL_WORKFLOW_COST_USD",
        "1",
        "The most dollars that one workflow may spend, as far as prices are known; `unlimited` lifts it.",
    ),
    now(
        "MODEL_DAY_COST_USD",
        "50",
        "The most dollars that a day (UTC) may spend; `unlimited` lifts it.",
    ),
    now(
        "MODEL_PRICES",
        "",
        "Prices that differ from the built-in ones: `provider:model=input/output` in dollars for a million tokens, comma-separated.",
    ),
    now(
        "MODEL_CACHE_ENTRIES",
        "256",
        "How many answers are kept for identical questions; 0: none.",
    ),
    now(
        "MODEL_CONTEXT_CHARS",
        "24000",
        "How much a model is told of a case, in characters; the decisive lines come first.",
    ),
    now(
        "PROMPTS_DIR",
        "",
        "A folder of prompt files that take the place of the built-in ones of the same name.",
    ),
    now(
        "MODEL_RECORD_FILE",
        "",
        "A file to which every answer of a model is written, redacted, for `MODEL_REPLAY_FILE`.",
    ),
    now(
        "MODEL_REPLAY_FILE",
        "",
        "A recorded file that answers in place of the models: no key, no network.",
    ),
    now(
        "EMBEDDING_MODEL",
        "",
        "What tells texts that mean the same: `provider:model`, or `static:FOLDER` with a local model. Blank: likeness of words.",
    ),
    now(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "",
        "An OpenTelemetry collector that takes OTLP over HTTP, such as `http://localhost:4318`. Blank: nothing is sent.",
    ),
    secret(
        "OTEL_EXPORTER_OTLP_HEADERS",
        "Headers that the collector wants: `name=value`, comma-separated.",
    ),
    now("OTEL_SERVICE_NAME", "kubemedic", "The service's name there."),
    now(
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
        "false",
        "Whether questions and answers of models are sent there too, redacted.",
    ),
];
