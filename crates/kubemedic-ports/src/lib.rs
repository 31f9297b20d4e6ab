//! The seams to the outside world: one file per trait with its error. Implementations are in `adapters` and `testkit`.

pub mod approval_gateway;
pub mod chat_model;
pub mod clock;
pub mod cluster;
pub mod embedder;
pub mod feedback_file;
pub mod id_source;
pub mod journal;
pub mod ledger_snapshots;
pub mod log_source;
pub mod notifier;
