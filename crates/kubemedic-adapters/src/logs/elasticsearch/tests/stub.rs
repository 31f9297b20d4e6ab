//! A server that records what it is asked and answers by script.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    body::Bytes,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::Value;
use tokio::net::TcpListener;

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) authorization: String,
    pub(super) body: Bytes,
}

impl Seen {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Method and path, with the index pattern shortened.
    pub(super) fn call(&self) -> String {
        let path = self.path.replace("logs-*-*,logs-*,filebeat-*", "INDEX");
        format!("{} {path}", self.method)
    }
}

/// A running stub.
pub(super) struct Stub {
    pub(super) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Stub {
    /// Starts a stub; the script gets a request and how many came before it on the same path.
    pub(super) async fn start(script: impl Fn(&Seen, usize) -> Response + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (kept, script) = (seen.clone(), Arc::new(script));
        let router = Router::new().fallback(move |request: Request| {
            let (kept, script) = (kept.clone(), script.clone());
            async move { answer(request, &kept, script.as_ref()).await }
        });
        #[expect(clippy::disallowed_methods, reason = "a test's own server")]
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, seen }
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(super) fn calls(&self) -> Vec<String> {
        self.seen().iter().map(Seen::call).collect()
    }
}

async fn answer(
    request: Request,
    kept: &Mutex<Vec<Seen>>,
    script: &(dyn Fn(&Seen, usize) -> Response + Send + Sync),
) -> Response {
    let (parts, body) = request.into_parts();
    let header = parts.headers.get("authorization");
    let seen = Seen {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        authorization: header
            .map(|it| it.to_str().unwrap().to_owned())
            .unwrap_or_default(),
        body: axum::body::to_bytes(body, usize::MAX).await.unwrap(),
    };
    let before = {
        let mut kept = kept.lock().unwrap();
        let before = kept.iter().filter(|it| it.path == seen.path).count();
        kept.push(seen.clone());
        before
    };
    script(&seen, before)
}

pub(super) fn reply(status: u16, body: Value) -> Response {
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}
