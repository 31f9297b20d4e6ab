//! What the real test server lacks, by a stub that records: Elasticsearch's points in time, authentication, back-off, failures.

mod discovery;
mod paging;
mod refusals;
mod stub;
mod tls;

use kubemedic_testkit::manual_clock::{ManualClock, START};
use secrecy::SecretString;
use serde_json::json;

use super::*;
use stub::{Stub, reply};

/// The answer of `GET /` of an Elasticsearch.
fn root() -> axum::response::Response {
    let body = json!({"version": {"number": "8.19.1"}, "tagline": "You Know, for Search"});
    let mut response = reply(200, body);
    let product = axum::http::HeaderValue::from_static("Elasticsearch");
    response.headers_mut().insert("x-elastic-product", product);
    response
}

/// The answer of `_field_caps` of indices that Filebeat writes.
fn caps() -> Value {
    json!({"indices": ["filebeat-1"], "fields": {
        "@timestamp": {"date": {"type": "date"}},
        "message": {"match_only_text": {"type": "match_only_text"}},
        "kubernetes.namespace": {"keyword": {"type": "keyword"}},
    }})
}

/// A document so many milliseconds after the start of time.
fn hit(number: i64) -> Value {
    let at = START.as_millisecond() + number;
    json!({"_index": "filebeat-1", "_id": format!("id{number}"), "sort": [at, number],
        "_source": {"message": format!("line {number}"), "kubernetes": {"namespace": "shop"}}})
}

fn query(limit: u32) -> LogQuery {
    LogQuery {
        window_seconds: 60,
        filter_pattern: "*".to_owned(),
        cluster: None,
        namespace: None,
        limit,
    }
}

fn connection(url: &str) -> Connection {
    Connection {
        urls: vec![SecretString::from(url.to_owned())],
        ..Connection::default()
    }
}

fn source_with(connection: &Connection, fields: &str) -> Elasticsearch {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Elasticsearch::new(connection, "", fields, Arc::new(ManualClock::default())).unwrap()
}

fn source(stub: &Stub) -> Elasticsearch {
    source_with(&connection(&stub.url), "")
}

/// The reason of a failure, and whether the query is to blame.
fn failure(result: Result<Fetched, LogSourceError>) -> (bool, String) {
    match result.unwrap_err() {
        LogSourceError::Refused { reason, .. } => (true, reason),
        LogSourceError::Unavailable { reason, .. } => (false, reason),
    }
}
