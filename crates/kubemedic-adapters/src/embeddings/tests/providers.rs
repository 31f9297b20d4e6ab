//! The providers' wires: exact requests, golden answers, and every way in which an answer is none.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::Request, http::StatusCode};
use kubemedic_ports::chat_model::ModelName;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::llm::{Endpoint, LlmTimeouts};

/// One request: path, key, body.
type Seen = (String, String, Value);

/// A double of a provider's server, which always says the same.
struct Double {
    url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Double {
    async fn saying(status: u16, answer: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let kept = seen.clone();
        let router = Router::new().fallback(move |request: Request| {
            let (kept, answer) = (kept.clone(), answer.clone());
            async move {
                let (parts, body) = request.into_parts();
                let key = ["x-goog-api-key", "authorization"]
                    .iter()
                    .find_map(|it| parts.headers.get(*it));
                let key = key.map_or("", |it| it.to_str().unwrap()).to_owned();
                let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
                let body = serde_json::from_slice(&body).unwrap();
                kept.lock()
                    .unwrap()
                    .push((parts.uri.path().to_owned(), key, body));
                (StatusCode::from_u16(status).unwrap(), answer)
            }
        });
        #[expect(clippy::disallowed_methods, reason = "a test's own server")]
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, seen }
    }

    fn embedder(&self, name: &str) -> RemoteEmbedder {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let endpoint = |path: &str| Endpoint {
            base_url: format!("{}{path}", self.url),
            key: Some(SecretString::from("k-secret")),
        };
        let endpoints = Endpoints {
            gemini: endpoint(""),
            openai: endpoint("/v1"),
            anthropic: endpoint(""),
            ollama: endpoint(""),
            timeouts: LlmTimeouts {
                whole: Duration::from_millis(500),
                ..LlmTimeouts::default()
            },
        };
        let model: ModelName = name.parse().unwrap();
        RemoteEmbedder::new(&model, &endpoints).unwrap()
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

/// The golden answers: two vectors in each provider's form.
fn golden(provider: &str) -> String {
    match provider {
        "gemini" => json!({"embeddings": [{"values": [3.0, 4.0]}, {"values": [0.0, -2.0]}]}),
        "openai" => {
            json!({"object": "list", "model": "m", "usage": {"prompt_tokens": 2, "total_tokens": 2}, "data": [
            {"object": "embedding", "index": 1, "embedding": [0.0, -2.0]},
            {"object": "embedding", "index": 0, "embedding": [3.0, 4.0]}]})
        }
        _ => json!({"model": "m", "embeddings": [[3.0, 4.0], [0.0, -2.0]], "total_duration": 1}),
    }
    .to_string()
}

#[tokio::test]
async fn each_provider_is_asked_in_its_form_and_its_vectors_are_of_length_1() {
    let expected = [
        (
            "gemini",
            "/v1beta/models/m:batchEmbedContents",
            "k-secret",
            json!({"requests": [
                {"model": "models/m", "content": {"parts": [{"text": "a"}]}},
                {"model": "models/m", "content": {"parts": [{"text": "-"}]}}]}),
        ),
        (
            "openai",
            "/v1/embeddings",
            "Bearer k-secret",
            json!({"model": "m", "input": ["a", "-"], "encoding_format": "float"}),
        ),
        (
            "ollama",
            "/api/embed",
            "Bearer k-secret",
            json!({"model": "m", "input": ["a", "-"], "truncate": true}),
        ),
    ];
    for (provider, path, key, body) in expected {
        let double = Double::saying(200, golden(provider)).await;
        let vectors = double
            .embedder(&format!("{provider}:m"))
            .embed(&texts(&["a", " "]))
            .await
            .unwrap();
        assert_eq!(vectors, [[0.6, 0.8], [0.0, -1.0]], "{provider}");
        assert_eq!(double.seen(), [(path.to_owned(), key.to_owned(), body)]);
    }
}

#[tokio::test]
async fn an_answer_that_is_none_is_an_error_without_the_key_and_asked_for_once() {
    let cases = [
        (200, String::new(), "not what the protocol says"),
        (
            200,
            "{\"embeddings\": [[1.0, 2.0]".to_owned(),
            "not what the protocol says",
        ),
        (
            200,
            json!({"embeddings": [[1.0, "x"], [1.0, 2.0]]}).to_string(),
            "not what the protocol says",
        ),
        (
            200,
            json!({"embeddings": [[1.0, 2.0]]}).to_string(),
            "1 vectors for 2 texts",
        ),
        (
            200,
            json!({"embeddings": [[1.0, 2.0], [1.0]]}).to_string(),
            "2 and 1 numbers",
        ),
        (
            200,
            json!({"embeddings": [[0.0], [0.0]]}).to_string(),
            "no length",
        ),
        (200, "{\"embeddings\": [[1e999], [1.0]]}".to_owned(), "not"),
        (
            401,
            json!({"error": "bad key k-secret"}).to_string(),
            "status 401",
        ),
        (429, String::new(), "status 429"),
        (500, "x".repeat(100_000), "status 500"),
    ];
    for (status, answer, reason) in cases {
        let double = Double::saying(status, answer).await;
        let error = double
            .embedder("ollama:m")
            .embed(&texts(&["a", "b"]))
            .await
            .unwrap_err();
        assert_eq!(error.embedder, "ollama:m");
        assert!(error.reason.contains(reason), "{status}: {}", error.reason);
        assert!(!error.to_string().contains("k-secret"), "{error}");
        assert!(error.reason.len() < 1000);
        assert_eq!(double.seen().len(), 1);
    }
}

#[tokio::test]
async fn vectors_that_are_numbered_wrongly_are_refused() {
    let answer = json!({"data": [{"index": 0, "embedding": [1.0]}, {"index": 0, "embedding": [1.0]}]});
    let double = Double::saying(200, answer.to_string()).await;
    let error = double
        .embedder("openai:m")
        .embed(&texts(&["a", "b"]))
        .await
        .unwrap_err();
    assert_eq!(error.reason, "its vectors are not numbered one by one");
}

#[tokio::test]
async fn many_texts_go_in_several_requests_and_too_many_in_none() {
    let one = json!({"embeddings": vec![[1.0, 2.0]; 64]}).to_string();
    let double = Double::saying(200, one).await;
    let embedder = double.embedder("ollama:m");
    let vectors = embedder.embed(&vec!["x".to_owned(); 128]).await.unwrap();
    assert_eq!((vectors.len(), double.seen().len()), (128, 2));
    assert!(embedder.embed(&vec!["x".to_owned(); 2000]).await.is_err());
    assert_eq!(double.seen().len(), 2);
}

#[tokio::test]
async fn a_server_that_is_silent_is_not_waited_for_long() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = Double {
        url: format!("http://{}", listener.local_addr().unwrap()),
        seen: Arc::default(),
    };
    let error = silent
        .embedder("ollama:m")
        .embed(&texts(&["a"]))
        .await
        .unwrap_err();
    assert!(error.reason.contains("no answer within"), "{}", error.reason);
    drop(listener);
}

#[test]
fn who_has_no_embeddings_or_no_key_is_told_so() {
    let endpoints = Endpoints::default();
    let of = |name: &str| {
        let spec = EmbeddingSpec::Provider(name.parse().unwrap());
        connect(&spec, &endpoints).unwrap_err().to_string()
    };
    assert_eq!(of("anthropic:m"), "anthropic:m has no embeddings");
    assert_eq!(of("gemini:m"), "gemini:m needs a key: set one for gemini");
}
