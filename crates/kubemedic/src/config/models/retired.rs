//! Gemini models that Google has shut down or announced to, and what takes their place.

use kubemedic_ports::chat_model::{ModelName, Provider};

/// What takes their place.
const DEFAULT: &str = "gemini-3.8-flash";

/// Beginnings of ids that Google no longer answers, or from 2026-12-01 on (2.5) answers by other models
/// (ai.google.dev/gemini-api/docs/deprecations).
const RETIRED: [&str; 6] = [
    "gemini-1.0",
    "gemini-1.5",
    "gemini-2.0-",
    "gemini-2.5-",
    "gemini-pro",
    "gemini-exp-",
];

/// The model that stands in for a retired one; `None` for any other.
pub fn replacement(name: &ModelName) -> Option<ModelName> {
    let id = name.model.strip_prefix("models/").unwrap_or(&name.model);
    let retired = RETIRED.iter().any(|it| id.starts_with(it));
    (name.provider == Provider::Gemini && retired).then(|| ModelName {
        provider: Provider::Gemini,
        model: DEFAULT.to_owned(),
    })
}
