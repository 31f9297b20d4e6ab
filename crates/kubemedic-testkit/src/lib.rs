//! What tests of every crate put in place of the outside world: manual time, counted ids, a journal in memory that can crash,
//! scripted clusters, servers and language models, and the contract that every journal keeps.

pub mod journal_contract;
pub mod manual_clock;
pub mod memory_feedback_file;
pub mod memory_journal;
pub mod memory_snapshots;
pub mod model_server;
pub mod scripted_cluster;
pub mod scripted_embedder;
pub mod scripted_gateway;
pub mod scripted_model;
pub mod scripted_notifier;
pub mod search_server;
pub mod sequential_ids;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks although another test thread panicked: what it left is still worth reading.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
