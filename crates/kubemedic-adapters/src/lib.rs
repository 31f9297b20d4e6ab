//! The outside world behind the ports: the SQLite journal, kubectl, other approval servers, language models,
//! webhooks, files, time and ids.
//! It decides nothing; every decision is in `engine` and `workflow`.

pub mod approvals;
pub mod backend;
pub mod cluster;
pub mod data_dir;
pub mod embeddings;
pub mod feedback;
mod http;
pub mod journal;
pub mod ledger_snapshot;
pub mod llm;
pub mod logs;
pub mod notify;
pub mod system;

pub use http::BadServerUrl;
