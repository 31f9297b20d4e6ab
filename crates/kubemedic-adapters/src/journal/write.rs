//! The writes of a transaction, one function each.

use jiff::Timestamp;
use kubemedic_model::{
    approval::Approval, event::WorkflowEvent, evidence_object::WorkflowInput, feedback::FeedbackEvent,
    id::WorkflowId, workflow::WorkflowSummary,
};
use kubemedic_ports::journal::{Committed, Delivery, JournalError, Write};
use sqlx::{QueryBuilder, Row, SqliteConnection};

use super::{
    failure::{duplicate_or, failed},
    rows::{column, counter, json, micros},
};

/// The most events of one statement: SQLite takes 32,766 bound values, each event is four.
const EVENTS_AT_A_TIME: usize = 256;

/// Performs one write and notes what it numbered.
pub(super) async fn perform(
    connection: &mut SqliteConnection,
    at: Timestamp,
    write: &Write,
    committed: &mut Committed,
) -> Result<(), JournalError> {
    match write {
        Write::CreateWorkflow { summary, input } => create_workflow(connection, summary, input).await,
        Write::AppendEvents {
            workflow_id,
            after,
            events,
        } => {
            let newest = append_events(connection, *workflow_id, *after, (at, events)).await?;
            committed.events.retain(|(id, _)| id != workflow_id);
            committed.events.push((*workflow_id, newest));
            Ok(())
        }
        Write::UpdateWorkflow(summary) => update_workflow(connection, summary).await,
        Write::PutApproval(approval) => put_approval(connection, approval).await,
        Write::PutDelivery(delivery) => put_delivery(connection, delivery).await,
        Write::RemoveDelivery { id } => {
            let statement = sqlx::query("DELETE FROM deliveries WHERE delivery_id = $1").bind(id);
            statement.execute(connection).await.map_err(failed)?;
            Ok(())
        }
        Write::AppendFeedback { key, event } => {
            committed
                .feedback
                .push(append_feedback(connection, at, key, event).await?);
            Ok(())
        }
    }
}

async fn create_workflow(
    connection: &mut SqliteConnection,
    summary: &WorkflowSummary,
    input: &WorkflowInput,
) -> Result<(), JournalError> {
    let id = summary.id.to_string();
    sqlx::query(
        "INSERT INTO workflows (workflow_id, created_at, closed_at, status, finished, retired, last_sequence, summary) \
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7)",
    )
    .bind(&id)
    .bind(micros(summary.created_at))
    .bind(summary.closed_at.map(micros))
    .bind(summary.status.as_str())
    .bind(i64::from(summary.status.is_final()))
    .bind(i64::from(summary.retired))
    .bind(json(summary)?)
    .execute(&mut *connection)
    .await
    .map_err(duplicate_or(|| format!("workflow {id}")))?;
    sqlx::query("INSERT INTO workflow_inputs (workflow_id, input) VALUES ($1, $2)")
        .bind(&id)
        .bind(json(input)?)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

async fn append_events(
    connection: &mut SqliteConnection,
    id: WorkflowId,
    after: u64,
    (at, events): (Timestamp, &[WorkflowEvent]),
) -> Result<u64, JournalError> {
    let newest = after + events.len() as u64;
    let key = id.to_string();
    let moved =
        sqlx::query("UPDATE workflows SET last_sequence = $1 WHERE workflow_id = $2 AND last_sequence = $3")
            .bind(column(newest))
            .bind(&key)
            .bind(column(after))
            .execute(&mut *connection)
            .await
            .map_err(failed)?;
    if moved.rows_affected() != 1 {
        return Err(JournalError::Conflict {
            what: format!("workflow {id}"),
        });
    }
    let mut sequence = after;
    for some in events.chunks(EVENTS_AT_A_TIME) {
        insert_events(connection, &key, sequence, (at, some)).await?;
        sequence += some.len() as u64;
    }
    Ok(newest)
}

/// Events with the numbers after `after`, in one statement: most transactions append two to eight.
async fn insert_events(
    connection: &mut SqliteConnection,
    workflow: &str,
    after: u64,
    (at, events): (Timestamp, &[WorkflowEvent]),
) -> Result<(), JournalError> {
    let texts = events.iter().map(json).collect::<Result<Vec<_>, _>>()?;
    let mut insert =
        QueryBuilder::new("INSERT INTO workflow_events (workflow_id, sequence, recorded_at, event) ");
    insert.push_values((after + 1..).zip(texts), |mut row, (sequence, text)| {
        row.push_bind(workflow.to_owned())
            .push_bind(column(sequence))
            .push_bind(micros(at))
            .push_bind(text);
    });
    insert
        .build()
        .execute(connection)
        .await
        .map_err(duplicate_or(|| {
            format!("events after {after} of workflow {workflow}")
        }))?;
    Ok(())
}

async fn update_workflow(
    connection: &mut SqliteConnection,
    summary: &WorkflowSummary,
) -> Result<(), JournalError> {
    let updated = sqlx::query(
        "UPDATE workflows SET closed_at = $1, status = $2, finished = $3, retired = $4, summary = $5 \
         WHERE workflow_id = $6",
    )
    .bind(summary.closed_at.map(micros))
    .bind(summary.status.as_str())
    .bind(i64::from(summary.status.is_final()))
    .bind(i64::from(summary.retired))
    .bind(json(summary)?)
    .bind(summary.id.to_string())
    .execute(connection)
    .await
    .map_err(failed)?;
    if updated.rows_affected() == 1 {
        Ok(())
    } else {
        Err(JournalError::Conflict {
            what: format!("workflow {}", summary.id),
        })
    }
}

async fn put_approval(connection: &mut SqliteConnection, approval: &Approval) -> Result<(), JournalError> {
    if approval.revision <= 1 {
        return insert_approval(connection, approval).await;
    }
    let updated = sqlx::query(
        "UPDATE approvals SET status = $1, revision = $2, approval = $3 WHERE approval_id = $4 AND revision = $5",
    )
    .bind(approval.status.as_str())
    .bind(column(approval.revision))
    .bind(json(approval)?)
    .bind(approval.id.as_str())
    .bind(column(approval.revision - 1))
    .execute(connection)
    .await
    .map_err(failed)?;
    if updated.rows_affected() == 1 {
        Ok(())
    } else {
        Err(JournalError::Conflict {
            what: format!("approval {}", approval.id),
        })
    }
}

async fn insert_approval(connection: &mut SqliteConnection, approval: &Approval) -> Result<(), JournalError> {
    sqlx::query(
        "INSERT INTO approvals (approval_id, workflow_id, idempotency_key, status, created_at, revision, approval) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(approval.id.as_str())
    .bind(approval.workflow_id.map(|id| id.to_string()))
    .bind(&approval.idempotency_key)
    .bind(approval.status.as_str())
    .bind(micros(approval.created_at))
    .bind(column(approval.revision))
    .bind(json(approval)?)
    .execute(connection)
    .await
    .map_err(duplicate_or(|| format!("approval {}", approval.id)))?;
    Ok(())
}

async fn put_delivery(connection: &mut SqliteConnection, delivery: &Delivery) -> Result<(), JournalError> {
    sqlx::query(
        "INSERT INTO deliveries (delivery_id, next_attempt_at, delivery) VALUES ($1, $2, $3) \
         ON CONFLICT (delivery_id) DO UPDATE SET next_attempt_at = excluded.next_attempt_at, delivery = excluded.delivery",
    )
    .bind(&delivery.id)
    .bind(micros(delivery.next_attempt_at))
    .bind(json(delivery)?)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

async fn append_feedback(
    connection: &mut SqliteConnection,
    at: Timestamp,
    key: &str,
    event: &FeedbackEvent,
) -> Result<u64, JournalError> {
    let inserted = sqlx::query(
        "INSERT INTO feedback_events (sequence, event_key, recorded_at, event) \
         SELECT COALESCE(MAX(sequence), 0) + 1, $1, $2, $3 FROM feedback_events RETURNING sequence",
    )
    .bind(key)
    .bind(micros(at))
    .bind(json(event)?)
    .fetch_one(connection)
    .await
    .map_err(duplicate_or(|| format!("feedback event {key}")))?;
    Ok(counter(inserted.try_get("sequence").map_err(failed)?))
}
