//! Embedders against doubles of their servers, and models made by hand.

mod providers;
mod static_models;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::{checked::checked, *};
use async_trait::async_trait;
use kubemedic_ports::embedder::EmbedError;

/// An embedder that counts the texts that it is asked for.
#[derive(Debug, Default)]
struct Counting(Arc<AtomicUsize>);

#[async_trait]
impl Embedder for Counting {
    fn name(&self) -> &'static str {
        "counting"
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        self.0.fetch_add(texts.len(), Ordering::Relaxed);
        #[expect(clippy::cast_precision_loss, reason = "short texts")]
        Ok(texts.iter().map(|it| vec![it.len() as f32, 1.0]).collect())
    }
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|it| (*it).to_owned()).collect()
}

#[test]
fn settings_name_an_embedder_or_are_refused() {
    assert_eq!(
        "static:data/embeddings/m".parse(),
        Ok(EmbeddingSpec::Static("data/embeddings/m".into()))
    );
    let spec: EmbeddingSpec = "ollama:nomic-embed-text:v1.5".parse().unwrap();
    let EmbeddingSpec::Provider(name) = spec else {
        panic!("{spec:?}")
    };
    assert_eq!(name.model, "nomic-embed-text:v1.5");
    for bad in [
        "",
        "static:",
        "gemini",
        "gemini:",
        "anthropic:claude",
        "/data/model",
    ] {
        assert_eq!(bad.parse::<EmbeddingSpec>(), Err(BadEmbeddingSpec(bad.into())));
    }
}

#[tokio::test]
async fn a_text_is_embedded_once_while_it_is_remembered() {
    let asked = Arc::new(AtomicUsize::new(0));
    let cached = Cached::new(Counting(asked.clone()));
    let first = cached.embed(&texts(&["a", "bb", "a"])).await.unwrap();
    assert_eq!(first, [[1.0, 1.0], [2.0, 1.0], [1.0, 1.0]]);
    let again = cached.embed(&texts(&["bb", "ccc"])).await.unwrap();
    assert_eq!(again, [[2.0, 1.0], [3.0, 1.0]]);
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn what_was_not_asked_for_longest_is_forgotten_first() {
    let asked = Arc::new(AtomicUsize::new(0));
    let cached = Cached::of_size(Counting(asked.clone()), 2 * 2 * size_of::<f32>());
    for word in ["a", "bb", "a", "ccc", "a", "bb"] {
        cached.embed(&texts(&[word])).await.unwrap();
    }
    assert_eq!(asked.load(Ordering::Relaxed), 4);
}

#[test]
fn vectors_are_brought_to_length_1_or_refused() {
    assert_eq!(checked(vec![vec![3.0, 4.0]], 1), Ok(vec![vec![0.6, 0.8]]));
    assert_eq!(checked(vec![], 0), Ok(vec![]));
    let refused = [
        (vec![vec![1.0]], 2, "it gave 1 vectors for 2 texts"),
        (
            vec![vec![1.0], vec![1.0, 2.0]],
            2,
            "its vectors have 1 and 2 numbers",
        ),
        (vec![vec![]], 1, "its vectors have 0 numbers"),
        (vec![vec![1.0; 9000]], 1, "its vectors have 9000 numbers"),
        (
            vec![vec![f32::NAN, 1.0]],
            1,
            "a vector holds something that is not a number",
        ),
        (
            vec![vec![f32::INFINITY]],
            1,
            "a vector holds something that is not a number",
        ),
        (vec![vec![0.0, 0.0]], 1, "a vector has no length"),
    ];
    for (vectors, count, reason) in refused {
        assert_eq!(checked(vectors, count), Err(reason.to_owned()));
    }
}
