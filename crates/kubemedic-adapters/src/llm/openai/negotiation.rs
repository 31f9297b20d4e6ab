//! What a server that speaks like OpenAI does not know: learnt from the words of its refusal, and kept for as long as the model is
//! held. It is no retry: the request is another one.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::super::failure::Refusal;

/// How servers say that they do not know a field.
const NOT_KNOWN: [&str; 12] = [
    "unknown",
    "unrecognized",
    "unrecognised",
    "unsupported",
    "not support",
    "not supported",
    "unexpected",
    "extra",
    "not permitted",
    "not allowed",
    "unavailable",
    "not implemented",
];

/// The fields that a server is known to take.
#[derive(Debug, Default)]
pub(super) struct Known {
    no_response_format: AtomicBool,
    other_max_tokens: AtomicBool,
    no_stream_options: AtomicBool,
    no_temperature: AtomicBool,
    no_effort: AtomicBool,
}

impl Known {
    /// Whether answers may have a form.
    pub(super) fn response_format(&self) -> bool {
        !self.no_response_format.load(Ordering::Relaxed)
    }

    /// Whether the limit of tokens has the other of its two names.
    pub(super) fn other_max_tokens(&self) -> bool {
        self.other_max_tokens.load(Ordering::Relaxed)
    }

    /// Whether a stream may be asked for its usage.
    pub(super) fn stream_options(&self) -> bool {
        !self.no_stream_options.load(Ordering::Relaxed)
    }

    /// Whether a temperature may be sent.
    pub(super) fn temperature(&self) -> bool {
        !self.no_temperature.load(Ordering::Relaxed)
    }

    /// Whether an effort may be sent.
    pub(super) fn effort(&self) -> bool {
        !self.no_effort.load(Ordering::Relaxed)
    }

    /// Learns from a refusal of a body; true where something was learnt.
    pub(super) fn learns(&self, refusal: &Refusal, body: &Value) -> bool {
        if !matches!(refusal.status, 400 | 422) {
            return false;
        }
        let words = String::from_utf8_lossy(&refusal.body).to_ascii_lowercase();
        // Our own schema is at fault here, not the field.
        if words.contains("invalid_json_schema") || words.contains("invalid schema") {
            return false;
        }
        if !NOT_KNOWN.iter().any(|it| words.contains(it)) {
            return false;
        }
        let fields: [(&str, &[&str], &AtomicBool); 6] = [
            (
                "response_format",
                &["response_format", "json_schema"],
                &self.no_response_format,
            ),
            (
                "stream_options",
                &["stream_options", "include_usage"],
                &self.no_stream_options,
            ),
            (
                "max_completion_tokens",
                &["max_completion_tokens"],
                &self.other_max_tokens,
            ),
            ("max_tokens", &["max_tokens"], &self.other_max_tokens),
            (
                "reasoning_effort",
                &["reasoning_effort", "reasoning.effort"],
                &self.no_effort,
            ),
            ("temperature", &["temperature"], &self.no_temperature),
        ];
        let mut learnt = false;
        for (field, names, flag) in fields {
            if body.get(field).is_some() && names.iter().any(|it| words.contains(it)) {
                flag.store(true, Ordering::Relaxed);
                learnt = true;
            }
        }
        learnt
    }
}
