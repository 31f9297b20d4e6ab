//! Reading beside a writer, and what is told where there is nothing to read.

use jiff::Timestamp;
use kubemedic_model::{
    feedback::FeedbackEvent,
    id::{FeedbackId, WorkflowId},
    outcome::Outcome,
};
use kubemedic_ports::journal::{Journal, Transaction, Write};

use super::{super::SqliteJournal, *};

async fn record(journal: &SqliteJournal, key: &str) {
    let event = FeedbackEvent::Outcome {
        feedback_id: FeedbackId::for_workflow(WorkflowId::new(uuid::Uuid::nil()), 0),
        outcome: Outcome::Resolved,
        observed_at: None,
        is_provisional: false,
    };
    let write = Write::AppendFeedback {
        key: key.to_owned(),
        event,
    };
    let transaction = Transaction {
        at: Timestamp::UNIX_EPOCH,
        writes: vec![write],
    };
    journal.commit(transaction).await.unwrap();
}

#[tokio::test]
async fn events_are_read_page_by_page_while_another_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kubemedic.db");
    let writer = SqliteJournal::open(&path).await.unwrap();
    for key in ["a", "b", "c"] {
        record(&writer, key).await;
    }
    let mut reader = FeedbackReader::open(&path).await.unwrap();
    let whole = writer.feedback(0, 0).await.unwrap();
    assert_eq!(whole.len(), 3);
    assert_eq!(reader.feedback(0, 2).await.unwrap(), whole[..2]);
    assert_eq!(reader.feedback(2, 2).await.unwrap(), whole[2..]);
    record(&writer, "d").await;
    let newest: Vec<u64> = reader
        .feedback(3, 2)
        .await
        .unwrap()
        .iter()
        .map(|it| it.sequence)
        .collect();
    assert_eq!(newest, [4]);
    let written = sqlx::query("DELETE FROM feedback_events")
        .execute(&mut reader.connection)
        .await;
    assert!(written.unwrap_err().to_string().contains("readonly"));
}

#[tokio::test]
async fn where_no_journal_is_the_way_out_is_told_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("data");
    let missing = below.join("kubemedic.db");
    let refused = FeedbackReader::open(&missing).await.unwrap_err().to_string();
    let told = format!(
        "the journal {} cannot be opened: {NOTHING_THERE}",
        missing.display()
    );
    assert_eq!(refused, told);
    assert!(!below.exists());
    let empty = folder.path().join("empty.db");
    fs::write(&empty, "").unwrap();
    let refused = FeedbackReader::open(&empty).await.unwrap_err().reason;
    assert_eq!(refused, NOTHING_THERE);
    assert_eq!(fs::read(&empty).unwrap(), b"");
}

#[tokio::test]
async fn what_is_no_journal_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.db");
    fs::write(
        &text,
        "this is no database, but it is long enough to have a head".repeat(10),
    )
    .unwrap();
    let refused = FeedbackReader::open(&text).await.unwrap_err().reason;
    assert!(refused.contains("file is not a database"), "{refused}");
    let other = folder.path().join("other.db");
    let options = SqliteConnectOptions::new()
        .filename(&other)
        .create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    sqlx::query("CREATE TABLE things (id TEXT)")
        .execute(&mut connection)
        .await
        .unwrap();
    let refused = FeedbackReader::open(&other).await.unwrap_err().reason;
    assert!(refused.contains("a database of another program"), "{refused}");
}
