//! What goes over the wire: the contract's shapes and how requests are read into the services' types. No decisions.

pub(crate) mod approvals;
pub(crate) mod feedback;
pub(crate) mod learning;
pub(crate) mod workflows;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// An error for people.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorDetail {
    /// What is wrong and the way out.
    pub(crate) detail: String,
}

/// Everything that is wrong with a request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ValidationErrors {
    /// One entry a wrong field.
    pub(crate) detail: Vec<ValidationError>,
}

/// One wrong field.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ValidationError {
    /// Where: `body` or `query`, then names and indexes.
    #[schema(example = json!(["body", "rating"]))]
    pub(crate) loc: Vec<Value>,
    /// What is wrong.
    pub(crate) msg: String,
    /// The kind of error, such as `missing`.
    #[serde(rename = "type")]
    #[schema(rename = "type")]
    pub(crate) kind: String,
    /// The value that was sent.
    pub(crate) input: Value,
}
