//! The strict reading of a reply. Its errors are words for the model: they go into the one repair round.

use serde::de::DeserializeOwned;

/// The longest reply, in bytes: eight times the longest that a model was ever asked for.
const MAX_BYTES: usize = 1024 * 1024;
/// The longest message about a reply, in characters.
const MAX_REASON_CHARS: usize = 300;

/// A reply has not the form that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// There is no text.
    #[error("the answer was empty: answer with one JSON object in the requested form")]
    Empty,
    /// There is too much.
    #[error("the answer was {0} bytes long: answer with at most {MAX_BYTES}")]
    TooLong(usize),
    /// It is not the JSON that was asked for.
    #[error(
        "the answer was not the requested JSON object: {0}. Answer again with that object and nothing else"
    )]
    Form(String),
}

/// Reads a reply. One Markdown fence around it is taken off; nothing else is forgiven: no words beside the object, no
/// unknown and no missing fields.
///
/// # Errors
/// [`ReplyError`] in words that the model can act on.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, ReplyError> {
    if text.len() > MAX_BYTES {
        return Err(ReplyError::TooLong(text.len()));
    }
    let text = without_fence(text.trim_start_matches('\u{feff}').trim());
    if text.is_empty() {
        return Err(ReplyError::Empty);
    }
    serde_json::from_str(text)
        .map_err(|error| ReplyError::Form(error.to_string().chars().take(MAX_REASON_CHARS).collect()))
}

/// The text between a first line of three backticks, with or without a word, and a last line of them.
fn without_fence(text: &str) -> &str {
    let inner = || {
        let (word, body) = text.strip_prefix("```")?.split_once('\n')?;
        let is_word = word.trim().chars().all(|c| c.is_ascii_alphanumeric());
        is_word.then_some(())?;
        body.trim_end().strip_suffix("```").map(str::trim)
    };
    inner().unwrap_or(text)
}
