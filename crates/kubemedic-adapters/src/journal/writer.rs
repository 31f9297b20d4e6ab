//! The journal's one writer: a task that takes requests in order and writes the transactions that wait together in one transaction
//! of SQLite, so that they share one flush to the disk. An answer comes after that flush, never before.

use jiff::Timestamp;
use kubemedic_ports::journal::{Committed, JournalError, Transaction};
use sqlx::{Row, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::{
    failure::failed,
    place::Place,
    rows::micros,
    session::{Session, run},
    write::perform,
};

/// The most transactions that share a flush. They are those that came while the last flush was under way.
const MAX_GROUP: usize = 64;
/// Requests that wait in memory; further writers wait before they hand theirs over.
const MAX_WAITING: usize = 256;

/// The hand-over to the writer's task. The task ends with the last of these.
#[derive(Debug)]
pub(super) struct Writer {
    requests: mpsc::Sender<Request>,
}

type Answer<T> = oneshot::Sender<Result<T, JournalError>>;

#[derive(Debug)]
enum Request {
    Commit(Transaction, Answer<Committed>),
    Retire(Timestamp, Answer<u64>),
    Check(Answer<()>),
    Checkpoint(Answer<()>),
}

impl Writer {
    /// Starts the task on a connection of its own.
    #[expect(
        clippy::disallowed_methods,
        reason = "it holds no work of its own: what it was not asked to write is nobody's, and it ends with its journal"
    )]
    pub(super) fn start(connection: SqliteConnection, place: Place) -> Self {
        let (requests, waiting) = mpsc::channel(MAX_WAITING);
        let session = Session::new(connection);
        tokio::spawn(serve(Open { session, place }, waiting));
        Self { requests }
    }

    /// Writes a transaction, whole or not at all.
    pub(super) async fn commit(&self, transaction: Transaction) -> Result<Committed, JournalError> {
        self.ask(|answer| Request::Commit(transaction, answer)).await
    }

    /// Drops inputs and events of workflows that closed before the time.
    pub(super) async fn retire(&self, closed_before: Timestamp) -> Result<u64, JournalError> {
        self.ask(|answer| Request::Retire(closed_before, answer)).await
    }

    /// Whether the file can be written now.
    pub(super) async fn check(&self) -> Result<(), JournalError> {
        self.ask(Request::Check).await
    }

    /// Writes what is in the write-ahead log into the file.
    pub(super) async fn checkpoint(&self) -> Result<(), JournalError> {
        self.ask(Request::Checkpoint).await
    }

    async fn ask<T>(&self, request: impl FnOnce(Answer<T>) -> Request) -> Result<T, JournalError> {
        let (answer, answered) = oneshot::channel();
        let ended = || JournalError::Unavailable {
            reason: "the journal's writer has ended: restart the server".to_owned(),
        };
        self.requests.send(request(answer)).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }
}

/// An open journal, as its writer has it.
struct Open {
    session: Session,
    place: Place,
}

/// Serves requests until nobody can ask any more. An answer that nobody waits for is dropped; what it tells was done all the same.
async fn serve(mut journal: Open, mut requests: mpsc::Receiver<Request>) {
    let mut waiting = Vec::with_capacity(MAX_GROUP);
    while requests.recv_many(&mut waiting, MAX_GROUP).await > 0 {
        let mut group = Vec::new();
        for request in waiting.drain(..) {
            if let Request::Commit(transaction, answer) = request {
                group.push((transaction, answer));
                continue;
            }
            journal.commit(std::mem::take(&mut group)).await;
            match request {
                Request::Commit(..) => {}
                Request::Retire(before, answer) => {
                    let _ = answer.send(journal.retire(before).await);
                }
                Request::Check(answer) => {
                    let _ = answer.send(journal.check().await);
                }
                Request::Checkpoint(answer) => {
                    let _ = answer.send(checkpoint(&mut journal.session.connection).await);
                }
            }
        }
        journal.commit(group).await;
    }
}

impl Open {
    async fn commit(&mut self, group: Vec<(Transaction, Answer<Committed>)>) {
        let (transactions, answers): (Vec<Transaction>, Vec<Answer<Committed>>) = group.into_iter().unzip();
        let mut results = None;
        if transactions.len() > 1 && self.place.is_still_there().is_ok() {
            results = self.together(&transactions).await.map(Vec::into_iter);
        }
        for (transaction, answer) in transactions.iter().zip(answers) {
            let result = match results.as_mut().and_then(Iterator::next) {
                Some(result) => result,
                None => self.alone(transaction).await,
            };
            self.place.note(result.as_ref().err());
            let _ = answer.send(result);
        }
    }

    /// One transaction by itself.
    async fn alone(&mut self, transaction: &Transaction) -> Result<Committed, JournalError> {
        self.place.is_still_there()?;
        self.session.begin().await?;
        let written = writes(&mut self.session.connection, transaction).await;
        self.session.end(written).await
    }

    /// Several transactions with one flush. `None` when the database failed: then nothing of any of them was written, and each is to be
    /// tried by itself.
    async fn together(
        &mut self,
        transactions: &[Transaction],
    ) -> Option<Vec<Result<Committed, JournalError>>> {
        self.session.begin().await.ok()?;
        let written = parts(&mut self.session.connection, transactions).await;
        self.session.end(written).await.ok()
    }

    async fn retire(&mut self, closed_before: Timestamp) -> Result<u64, JournalError> {
        self.place.is_still_there()?;
        self.session.begin().await?;
        let retired = retire(&mut self.session.connection, closed_before).await;
        self.session.end(retired).await
    }

    async fn check(&mut self) -> Result<(), JournalError> {
        self.place.is_still_there()?;
        self.place.has_room().await?;
        touch(&mut self.session.connection).await
    }
}

/// Performs several transactions in an open one: each sees those before it, and one that is refused takes back its own writes only.
///
/// # Errors
/// When the database failed; a refused transaction is no error of the others.
async fn parts(
    connection: &mut SqliteConnection,
    transactions: &[Transaction],
) -> Result<Vec<Result<Committed, JournalError>>, JournalError> {
    let mut results = Vec::with_capacity(transactions.len());
    for transaction in transactions {
        run(connection, "SAVEPOINT part").await?;
        let result = writes(connection, transaction).await;
        match &result {
            Ok(_) => {}
            Err(JournalError::Conflict { .. } | JournalError::Duplicate { .. }) => {
                run(connection, "ROLLBACK TO part").await?;
            }
            Err(JournalError::Unavailable { .. } | JournalError::Corrupt { .. }) => {
                return result.map(|_| Vec::new());
            }
        }
        run(connection, "RELEASE part").await?;
        results.push(result);
    }
    Ok(results)
}

async fn writes(
    connection: &mut SqliteConnection,
    transaction: &Transaction,
) -> Result<Committed, JournalError> {
    let mut committed = Committed::default();
    for write in &transaction.writes {
        perform(connection, transaction.at, write, &mut committed).await?;
    }
    Ok(committed)
}

/// Drops inputs and events of workflows that closed before the time, in an open transaction.
async fn retire(connection: &mut SqliteConnection, closed_before: Timestamp) -> Result<u64, JournalError> {
    let retiring = "SELECT workflow_id FROM workflows WHERE finished = 1 AND retired = 0 AND closed_at < $1";
    let rows = sqlx::query(retiring)
        .bind(micros(closed_before))
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    for row in &rows {
        let id: String = row.try_get("workflow_id").map_err(failed)?;
        for statement in [
            "DELETE FROM workflow_events WHERE workflow_id = $1",
            "DELETE FROM workflow_inputs WHERE workflow_id = $1",
            "UPDATE workflows SET retired = 1 WHERE workflow_id = $1",
        ] {
            sqlx::query(statement)
                .bind(&id)
                .execute(&mut *connection)
                .await
                .map_err(failed)?;
        }
    }
    Ok(rows.len() as u64)
}

/// Writes a page and makes it durable, so that a full or read-only disk shows. The counter means nothing else.
async fn touch(connection: &mut SqliteConnection) -> Result<(), JournalError> {
    let row = sqlx::query("PRAGMA user_version")
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
    let counter: i32 = row.try_get(0).map_err(failed)?;
    let next = counter.wrapping_add(1);
    // A pragma takes no parameters; a number is all that can stand here.
    sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA user_version = {next}")))
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

async fn checkpoint(connection: &mut SqliteConnection) -> Result<(), JournalError> {
    run(connection, "PRAGMA wal_checkpoint(TRUNCATE)").await
}

#[cfg(test)]
mod tests;
