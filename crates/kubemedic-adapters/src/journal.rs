//! Implementations of the journal.

mod failure;
mod rows;
mod sqlite;
mod write;

pub use sqlite::{OpenError, SqliteJournal};
