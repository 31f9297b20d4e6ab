//! Implementations of the journal.

mod failure;
mod rows;
mod sqlite;
mod write;
mod writer;

pub use sqlite::{OpenError, SqliteJournal};
