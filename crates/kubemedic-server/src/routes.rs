//! The handlers of both ports, a file for each group of paths. They read a request, call one service and write the answer.

pub(crate) mod approvals;
pub(crate) mod docs;
pub(crate) mod feedback;
pub(crate) mod fetchlogs;
pub(crate) mod learning;
pub(crate) mod login;
pub(crate) mod pages;
pub(crate) mod service;
pub(crate) mod workflows;

use axum::http::Uri;
use serde_json::{Map, Value};

/// The query of an address as an object of texts; the first value of a name counts.
pub(crate) fn query(uri: &Uri) -> Map<String, Value> {
    let mut object = Map::new();
    let Ok(axum::extract::Query(pairs)) = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri)
    else {
        return object;
    };
    for (name, value) in pairs {
        object.entry(name).or_insert(Value::String(value));
    }
    object
}
