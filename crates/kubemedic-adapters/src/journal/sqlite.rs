//! The journal in one SQLite file: write-ahead log, full durability, one writer, several readers.

use std::{path::Path, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use kubemedic_model::{
    approval::{Approval, ApprovalStatus},
    event::RecordedEvent,
    evidence_object::WorkflowInput,
    feedback::RecordedFeedback,
    id::{ApprovalId, WorkflowId},
    workflow::{WorkflowStatus, WorkflowSummary},
};
use kubemedic_ports::journal::{
    ApprovalFilter, Committed, Delivery, Journal, JournalError, Transaction, WorkflowFilter,
};
use sqlx::{
    ConnectOptions, Row, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};

use super::{
    failure::failed,
    feedback,
    inspection::{WAY_OUT, inspect},
    place::Place,
    rows::{column, counter, limit, micros, time, value},
    writer::Writer,
};

/// Readers beside the writer: enough for the streams that read at the same moment on a small machine.
const READERS: u32 = 4;
/// How long a statement waits for a lock that another process holds (a backup, a look with the sqlite3 shell).
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Pages (of 4 KiB) after which the write-ahead log is written back into the file. The default of 1000 is reached by some
/// dozen workflows; a write back flushes the file too.
const CHECKPOINT_PAGES: &str = "4000";

/// Why the journal could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("the journal {path} cannot be opened: {reason}")]
pub struct OpenError {
    /// The file.
    pub path: String,
    /// Why, and the way out.
    pub reason: String,
}

/// The journal in one SQLite file.
#[derive(Debug)]
pub struct SqliteJournal {
    writer: Writer,
    readers: SqlitePool,
}

impl SqliteJournal {
    /// Opens the file, makes it where it is missing and brings its tables up to date.
    ///
    /// # Errors
    /// [`OpenError`] when it is damaged, from a newer version, or cannot be read or written. The file is left as it is.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let refuse = |reason: String| OpenError {
            path: path.display().to_string(),
            reason,
        };
        let refused = |error: sqlx::Error| {
            refuse(match failed(error) {
                JournalError::Corrupt { reason } => format!("{reason}; {WAY_OUT}"),
                JournalError::Unavailable { reason } => reason,
                other => other.to_string(),
            })
        };
        let migrations = sqlx::migrate!("./migrations");
        inspect(path, &migrations).await.map_err(refuse)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES);
        let mut writer = options.connect().await.map_err(refused)?;
        migrations
            .run(&mut writer)
            .await
            .map_err(|error| refused(error.into()))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            // A connection to a file does not go stale: nothing is to be asked before each use, and nothing to be opened anew.
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.create_if_missing(false))
            .await
            .map_err(refused)?;
        let place = Place::of(path).map_err(|error| refuse(error.to_string()))?;
        Ok(Self {
            writer: Writer::start(writer, place),
            readers,
        })
    }

    /// Writes what is in the write-ahead log into the file, so that the file alone is a whole copy. Open readers may keep it
    /// from ending; then the log is read at the next start.
    pub async fn checkpoint(&self) {
        if let Err(error) = self.writer.checkpoint().await {
            tracing::warn!(%error, "the journal's log was not written back; it is read at the next start");
        }
    }
}

/// A workflow from its row: the summary with the newest event number.
fn workflow_row(row: &SqliteRow) -> Result<WorkflowSummary, JournalError> {
    let text: String = row.try_get("summary").map_err(failed)?;
    let last: i64 = row.try_get("last_sequence").map_err(failed)?;
    let retired: i64 = row.try_get("retired").map_err(failed)?;
    let summary: WorkflowSummary = value(&text, "a workflow's summary")?;
    Ok(WorkflowSummary {
        last_sequence: counter(last),
        retired: retired != 0,
        ..summary
    })
}

/// A value from the row's JSON column.
fn json_row<T: serde::de::DeserializeOwned>(row: &SqliteRow, name: &str) -> Result<T, JournalError> {
    let text: String = row.try_get(name).map_err(failed)?;
    value(&text, name)
}

#[async_trait]
impl Journal for SqliteJournal {
    async fn commit(&self, transaction: Transaction) -> Result<Committed, JournalError> {
        self.writer.commit(transaction).await
    }

    async fn workflow(&self, id: WorkflowId) -> Result<Option<WorkflowSummary>, JournalError> {
        let row = sqlx::query("SELECT summary, last_sequence, retired FROM workflows WHERE workflow_id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.readers)
            .await
            .map_err(failed)?;
        row.as_ref().map(workflow_row).transpose()
    }

    async fn workflows(&self, filter: &WorkflowFilter) -> Result<Vec<WorkflowSummary>, JournalError> {
        let rows = sqlx::query(
            "SELECT summary, last_sequence, retired FROM workflows WHERE ($1 IS NULL OR status = $1) \
             ORDER BY created_at DESC, workflow_id DESC LIMIT $2",
        )
        .bind(filter.status.map(WorkflowStatus::as_str))
        .bind(limit(filter.limit))
        .fetch_all(&self.readers)
        .await
        .map_err(failed)?;
        rows.iter().map(workflow_row).collect()
    }

    async fn unfinished(&self) -> Result<Vec<WorkflowId>, JournalError> {
        let rows = sqlx::query(
            "SELECT workflow_id FROM workflows WHERE finished = 0 ORDER BY created_at, workflow_id",
        )
        .fetch_all(&self.readers)
        .await
        .map_err(failed)?;
        rows.iter()
            .map(|row| {
                let text: String = row.try_get("workflow_id").map_err(failed)?;
                text.parse().map_err(|_| JournalError::Corrupt {
                    reason: format!("workflow id '{text}'"),
                })
            })
            .collect()
    }

    async fn input(&self, id: WorkflowId) -> Result<Option<WorkflowInput>, JournalError> {
        let row = sqlx::query("SELECT input FROM workflow_inputs WHERE workflow_id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.readers)
            .await
            .map_err(failed)?;
        row.as_ref().map(|row| json_row(row, "input")).transpose()
    }

    async fn events(
        &self,
        id: WorkflowId,
        after: u64,
        at_most: u32,
    ) -> Result<Vec<RecordedEvent>, JournalError> {
        let rows = sqlx::query(
            "SELECT sequence, recorded_at, event FROM workflow_events WHERE workflow_id = $1 AND sequence > $2 \
             ORDER BY sequence LIMIT $3",
        )
        .bind(id.to_string())
        .bind(column(after))
        .bind(limit(at_most))
        .fetch_all(&self.readers)
        .await
        .map_err(failed)?;
        rows.iter()
            .map(|row| {
                Ok(RecordedEvent {
                    sequence: counter(row.try_get("sequence").map_err(failed)?),
                    recorded_at: time(row.try_get("recorded_at").map_err(failed)?)?,
                    event: json_row(row, "event")?,
                })
            })
            .collect()
    }

    async fn approval(&self, id: &ApprovalId) -> Result<Option<Approval>, JournalError> {
        let row = sqlx::query("SELECT approval FROM approvals WHERE approval_id = $1")
            .bind(id.as_str())
            .fetch_optional(&self.readers)
            .await
            .map_err(failed)?;
        row.as_ref().map(|row| json_row(row, "approval")).transpose()
    }

    async fn approvals(&self, filter: &ApprovalFilter) -> Result<Vec<Approval>, JournalError> {
        let rows = sqlx::query(
            "SELECT approval FROM approvals WHERE ($1 IS NULL OR status = $1) AND ($2 IS NULL OR workflow_id = $2) \
             AND ($3 IS NULL OR idempotency_key = $3) ORDER BY created_at, approval_id LIMIT $4",
        )
        .bind(filter.status.map(ApprovalStatus::as_str))
        .bind(filter.workflow_id.map(|id| id.to_string()))
        .bind(&filter.idempotency_key)
        .bind(limit(filter.limit))
        .fetch_all(&self.readers)
        .await
        .map_err(failed)?;
        rows.iter().map(|row| json_row(row, "approval")).collect()
    }

    async fn due_deliveries(&self, now: Timestamp, at_most: u32) -> Result<Vec<Delivery>, JournalError> {
        let rows = sqlx::query(
            "SELECT delivery FROM deliveries WHERE next_attempt_at <= $1 ORDER BY next_attempt_at, delivery_id LIMIT $2",
        )
        .bind(micros(now))
        .bind(limit(at_most))
        .fetch_all(&self.readers)
        .await
        .map_err(failed)?;
        rows.iter().map(|row| json_row(row, "delivery")).collect()
    }

    async fn next_delivery_at(&self) -> Result<Option<Timestamp>, JournalError> {
        let row = sqlx::query("SELECT MIN(next_attempt_at) AS soonest FROM deliveries")
            .fetch_one(&self.readers)
            .await
            .map_err(failed)?;
        row.try_get::<Option<i64>, _>("soonest")
            .map_err(failed)?
            .map(time)
            .transpose()
    }

    async fn feedback(&self, after: u64, at_most: u32) -> Result<Vec<RecordedFeedback>, JournalError> {
        feedback::feedback(&self.readers, after, at_most).await
    }

    async fn has_feedback(&self, key: &str) -> Result<bool, JournalError> {
        let row = sqlx::query("SELECT COUNT(*) AS found FROM feedback_events WHERE event_key = $1")
            .bind(key)
            .fetch_one(&self.readers)
            .await
            .map_err(failed)?;
        Ok(row.try_get::<i64, _>("found").map_err(failed)? > 0)
    }

    async fn retire(&self, closed_before: Timestamp) -> Result<u64, JournalError> {
        self.writer.retire(closed_before).await
    }

    async fn check(&self) -> Result<(), JournalError> {
        self.writer.check().await
    }
}
