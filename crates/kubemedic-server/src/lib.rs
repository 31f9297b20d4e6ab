//! The edge: HTTP routes, event streams, OpenAPI and the approval page, for both ports.
//! It reads requests, asks `workflow::services` and writes answers; it decides nothing and stores nothing.

mod app;
mod assets;
mod auth;
mod body;
pub mod config;
mod error;
mod fields;
mod guards;
mod headers;
mod openapi;
mod page;
mod request_metrics;
mod router;
mod routes;
pub mod serve;
mod session;
mod sse;
pub mod webhook_signature;
mod wire;

pub use config::EdgeConfig;
pub use openapi::openapi;
pub use router::{approval_router, backend_router};
pub use serve::{ConnectionLimits, serve};
