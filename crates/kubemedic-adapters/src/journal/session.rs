//! The one connection that writes, with transactions that end even where the disk or the caller gives up in the middle.
//! sqlx's own transactions are not used here: after a COMMIT that failed on a full disk they believe for ever that one is open.

use kubemedic_ports::journal::JournalError;
use sqlx::SqliteConnection;

use super::failure::failed;

/// The connection that writes.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) connection: SqliteConnection,
    /// A transaction was begun and its end was not seen: its caller may have been dropped meanwhile.
    open: bool,
}

impl Session {
    pub(super) fn new(connection: SqliteConnection) -> Self {
        Self {
            connection,
            open: false,
        }
    }

    /// Begins a transaction. What an earlier one left is undone first.
    pub(super) async fn begin(&mut self) -> Result<(), JournalError> {
        self.undo().await;
        self.open = true;
        run(&mut self.connection, "BEGIN IMMEDIATE").await
    }

    /// Ends the transaction: all of it is durable, or nothing of it is there.
    pub(super) async fn end<T>(&mut self, done: Result<T, JournalError>) -> Result<T, JournalError> {
        let ended = match done {
            Ok(done) => run(&mut self.connection, "COMMIT").await.map(|()| done),
            Err(error) => Err(error),
        };
        if ended.is_ok() {
            self.open = false;
        } else {
            self.undo().await;
        }
        ended
    }

    /// Undoes an open transaction. SQLite may have done so itself; then there is nothing to undo, and its complaint means nothing.
    async fn undo(&mut self) {
        if self.open {
            let _ = run(&mut self.connection, "ROLLBACK").await;
            self.open = false;
        }
    }
}

/// Runs a statement without values.
pub(super) async fn run(
    connection: &mut SqliteConnection,
    statement: &'static str,
) -> Result<(), JournalError> {
    sqlx::query(statement).execute(connection).await.map_err(failed)?;
    Ok(())
}
