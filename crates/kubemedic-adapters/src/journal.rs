//! Implementations of the journal.

mod rows;
mod sqlite;
mod write;

pub use sqlite::{OpenError, SqliteJournal};
