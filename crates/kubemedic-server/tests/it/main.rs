//! The edge through its real routers: every status, every fixed text, every guard.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers may fail as its tests do"
)]

mod approvals;
mod documents;
mod feedback;
mod fetchlogs;
mod fuzz;
mod guards;
mod learning;
mod pages;
mod service;
mod start;
mod stream;
mod unlearning;
mod webhook;
mod world;
