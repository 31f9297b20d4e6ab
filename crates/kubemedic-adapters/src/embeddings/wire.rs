//! The embedding calls of the providers: where a request goes, what it holds, what its answer says.

use kubemedic_ports::chat_model::Provider;
use serde::Deserialize;
use serde_json::{Value, json};

/// Below the address, for a provider's model; `None` where the provider has no embeddings.
pub(super) fn path(provider: Provider, model: &str) -> Option<Vec<String>> {
    let path = match provider {
        Provider::Gemini => vec![
            "v1beta".into(),
            "models".into(),
            format!("{}:batchEmbedContents", bare(model)),
        ],
        Provider::OpenAi => vec!["embeddings".to_owned()],
        Provider::Ollama => vec!["api".to_owned(), "embed".to_owned()],
        Provider::Anthropic => return None,
    };
    Some(path)
}

/// A Gemini model's id without the folder that its lists show.
fn bare(model: &str) -> &str {
    model.strip_prefix("models/").unwrap_or(model)
}

/// What is posted.
pub(super) fn body(provider: Provider, model: &str, texts: &[String]) -> Value {
    match provider {
        Provider::Gemini => {
            let name = format!("models/{}", bare(model));
            let request = |text: &String| json!({"model": name, "content": {"parts": [{"text": text}]}});
            json!({"requests": texts.iter().map(request).collect::<Vec<_>>()})
        }
        Provider::Ollama => json!({"model": model, "input": texts, "truncate": true}),
        Provider::OpenAi | Provider::Anthropic => {
            json!({"model": model, "input": texts, "encoding_format": "float"})
        }
    }
}

#[derive(Deserialize)]
struct GeminiAnswer {
    embeddings: Vec<GeminiVector>,
}

#[derive(Deserialize)]
struct GeminiVector {
    values: Vec<f32>,
}

#[derive(Deserialize)]
struct OpenAiAnswer {
    data: Vec<OpenAiVector>,
}

#[derive(Deserialize)]
struct OpenAiVector {
    index: usize,
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct OllamaAnswer {
    embeddings: Vec<Vec<f32>>,
}

/// The vectors of an answer, in the order of the texts; the error says what is wrong with it, without quoting it.
pub(super) fn vectors(provider: Provider, answer: &[u8]) -> Result<Vec<Vec<f32>>, String> {
    let unreadable = |error: serde_json::Error| {
        format!(
            "its answer is not what the protocol says ({:?})",
            error.classify()
        )
    };
    match provider {
        Provider::Gemini => {
            let answer: GeminiAnswer = serde_json::from_slice(answer).map_err(unreadable)?;
            Ok(answer.embeddings.into_iter().map(|it| it.values).collect())
        }
        Provider::OpenAi | Provider::Anthropic => {
            let mut answer: OpenAiAnswer = serde_json::from_slice(answer).map_err(unreadable)?;
            answer.data.sort_by_key(|it| it.index);
            if answer.data.iter().enumerate().any(|(at, it)| it.index != at) {
                return Err("its vectors are not numbered one by one".into());
            }
            Ok(answer.data.into_iter().map(|it| it.embedding).collect())
        }
        Provider::Ollama => {
            let answer: OllamaAnswer = serde_json::from_slice(answer).map_err(unreadable)?;
            Ok(answer.embeddings)
        }
    }
}
