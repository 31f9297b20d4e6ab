//! Implementations of the journal.

mod failure;
mod inspection;
mod place;
mod rows;
mod session;
mod sqlite;
mod write;
mod writer;

pub use sqlite::{OpenError, SqliteJournal};
