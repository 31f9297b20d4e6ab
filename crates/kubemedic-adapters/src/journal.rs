//! Implementations of the journal.

mod failure;
mod feedback;
mod inspection;
mod place;
mod reader;
mod rows;
mod session;
mod sqlite;
mod write;
mod writer;

pub use reader::FeedbackReader;
pub use sqlite::{OpenError, SqliteJournal};
