//! Gemini models that are gone, and what to set instead. The table is Google's, as read on 2026-11-22.

use super::DEFAULT_GEMINI_MODEL;

/// The small model of today.
const SMALL: &str = "gemini-3.5-flash-lite";

/// Beginnings of retired ids with their replacements; the first that fits counts.
const RETIRED: [(&str, &str); 8] = [
    // Shut down on 2026-12-01; sent on by Google after that, under the rules of the other model.
    ("gemini-2.5-flash", SMALL),
    ("gemini-2.5-pro", DEFAULT_GEMINI_MODEL),
    // Shut down on 2026-06-01.
    ("gemini-2.0-flash-lite", SMALL),
    ("gemini-2.0-", DEFAULT_GEMINI_MODEL),
    // Shut down before.
    ("gemini-1.5-flash-8b", SMALL),
    ("gemini-1.", DEFAULT_GEMINI_MODEL),
    ("gemini-exp-", DEFAULT_GEMINI_MODEL),
    ("gemini-pro", DEFAULT_GEMINI_MODEL),
];

/// What replaces a Gemini model that is shut down, or whose end is announced; `None` for all others. Aliases as
/// `gemini-pro-latest` are no retired models.
pub fn retired_replacement(model: &str) -> Option<&'static str> {
    let model = model.trim().strip_prefix("models/").unwrap_or(model.trim());
    if model.ends_with("-latest") && !model.starts_with("gemini-1.") {
        return None;
    }
    RETIRED
        .iter()
        .find_map(|(start, replacement)| model.starts_with(start).then_some(*replacement))
}

/// The first number of a model's id: 3 of `gemini-3.8-flash`; `None` for aliases, which are always of the newest kind.
pub(super) fn generation(model: &str) -> Option<u32> {
    let rest = model.strip_prefix("gemini-")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
