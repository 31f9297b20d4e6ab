//! An embedder by script: every text has the vector of the first known word in it, or there is never an answer.

use async_trait::async_trait;
use kubemedic_ports::embedder::{EmbedError, Embedder};

/// An embedder by script.
#[derive(Debug, Clone, Default)]
pub struct ScriptedEmbedder {
    words: Vec<String>,
    fails: bool,
}

impl ScriptedEmbedder {
    /// One that knows some words; texts with the same one are alike, all others are alike too.
    pub fn knowing(words: &[&str]) -> Self {
        Self {
            words: words.iter().map(|it| (*it).to_owned()).collect(),
            fails: false,
        }
    }

    /// One that never answers.
    pub fn failing() -> Self {
        Self {
            words: Vec::new(),
            fails: true,
        }
    }

    fn vector(&self, text: &str) -> Vec<f32> {
        let known = self.words.iter().position(|it| text.contains(it.as_str()));
        let place = known.unwrap_or(self.words.len());
        (0..=self.words.len())
            .map(|it| if it == place { 1.0 } else { 0.0 })
            .collect()
    }
}

#[async_trait]
impl Embedder for ScriptedEmbedder {
    fn name(&self) -> &'static str {
        "scripted"
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        if self.fails {
            return Err(EmbedError {
                embedder: self.name().to_owned(),
                reason: "it is told to fail".into(),
            });
        }
        Ok(texts.iter().map(|it| self.vector(it)).collect())
    }
}
