//! Reads feedback events by their numbers, for the journal in use and for whoever reads beside it.

use kubemedic_model::feedback::RecordedFeedback;
use kubemedic_ports::journal::JournalError;
use sqlx::{Row, SqliteExecutor, sqlite::SqliteRow};

use super::{
    failure::failed,
    rows::{column, counter, limit, time, value},
};

/// Feedback events with numbers above `after`, in order, at most `at_most`.
pub(super) async fn feedback(
    executor: impl SqliteExecutor<'_>,
    after: u64,
    at_most: u32,
) -> Result<Vec<RecordedFeedback>, JournalError> {
    let rows = sqlx::query(
        "SELECT sequence, recorded_at, event FROM feedback_events WHERE sequence > $1 ORDER BY sequence LIMIT $2",
    )
    .bind(column(after))
    .bind(limit(at_most))
    .fetch_all(executor)
    .await
    .map_err(failed)?;
    rows.iter().map(recorded).collect()
}

fn recorded(row: &SqliteRow) -> Result<RecordedFeedback, JournalError> {
    let event: String = row.try_get("event").map_err(failed)?;
    Ok(RecordedFeedback {
        sequence: counter(row.try_get("sequence").map_err(failed)?),
        recorded_at: time(row.try_get("recorded_at").map_err(failed)?)?,
        event: value(&event, "a feedback event")?,
    })
}
