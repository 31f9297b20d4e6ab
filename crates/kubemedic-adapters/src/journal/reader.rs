//! Reads the feedback events of a journal that another process may be writing: without the data folder's lock, without bringing
//! tables up to date and without a way to write.

use std::{fs, io, path::Path};

use kubemedic_model::feedback::RecordedFeedback;
use kubemedic_ports::journal::JournalError;
use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    feedback::feedback,
    inspection::{Problem, has_tables},
    sqlite::{BUSY_TIMEOUT, OpenError},
};

/// The way out where there is nothing to read.
const NOTHING_THERE: &str = "there is none yet: set the DATA_DIR of the kubemedic whose journal is meant, or start it once with \
                             this one";

/// The feedback events of a journal.
#[derive(Debug)]
pub struct FeedbackReader {
    connection: SqliteConnection,
}

impl FeedbackReader {
    /// Opens a journal to read from. SQLite's write-ahead log lets its writer go on meanwhile.
    ///
    /// # Errors
    /// [`OpenError`] when there is none, or it is damaged, from a newer version or another program.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let refuse = |reason: String| OpenError {
            path: path.display().to_string(),
            reason,
        };
        match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(refuse(NOTHING_THERE.to_owned()));
            }
            Err(error) => return Err(refuse(error.to_string())),
            Ok(_) => {}
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .busy_timeout(BUSY_TIMEOUT);
        let opened = async {
            let mut connection = options.connect().await?;
            let has_tables = has_tables(&mut connection, &sqlx::migrate!("./migrations")).await?;
            Ok::<_, Problem>(has_tables.then_some(Self { connection }))
        };
        let opened = opened.await.map_err(|problem| refuse(problem.told()))?;
        opened.ok_or_else(|| refuse(NOTHING_THERE.to_owned()))
    }

    /// Feedback events with numbers above `after`, in order, at most `at_most`.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn feedback(
        &mut self,
        after: u64,
        at_most: u32,
    ) -> Result<Vec<RecordedFeedback>, JournalError> {
        feedback(&mut self.connection, after, at_most).await
    }
}

#[cfg(test)]
mod tests;
