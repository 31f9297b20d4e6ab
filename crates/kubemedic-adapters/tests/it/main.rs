//! The SQLite journal keeps every promise of its contract, and what it wrote outlives the process; real doubles of other servers.

mod aimock;
mod opensearch;

use jiff::Timestamp;
use kubemedic_adapters::journal::SqliteJournal;
use kubemedic_model::evidence_object::WorkflowInput;
use kubemedic_ports::journal::{Journal, Transaction, Write};
use kubemedic_testkit::journal_contract::{event, journal_contract, summary, workflow_id};

#[tokio::test]
async fn the_sqlite_journal_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let made = std::cell::Cell::new(0);
    journal_contract(|| {
        made.set(made.get() + 1);
        let path = folder.path().join(format!("{}.db", made.get()));
        async move { SqliteJournal::open(&path).await.unwrap() }
    })
    .await;
}

#[tokio::test]
async fn what_was_committed_is_there_when_the_file_is_opened_again_without_a_goodbye() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = SqliteJournal::open(&path).await.unwrap();
    let created = Write::CreateWorkflow {
        summary: Box::new(summary(1)),
        input: WorkflowInput::Text("a log".into()),
    };
    let told = Write::AppendEvents {
        workflow_id: workflow_id(1),
        after: 0,
        events: vec![event("first")],
    };
    let at = Timestamp::from_second(1_000).unwrap();
    journal
        .commit(Transaction {
            at,
            writes: vec![created, told],
        })
        .await
        .unwrap();
    drop(journal);
    let again = SqliteJournal::open(&path).await.unwrap();
    let events = again.events(workflow_id(1), 0, 10).await.unwrap();
    let read: Vec<(u64, &str)> = events
        .iter()
        .map(|it| (it.sequence, it.event.data.as_str()))
        .collect();
    assert_eq!(read, [(1, "first")]);
    assert_eq!(
        again.input(workflow_id(1)).await.unwrap(),
        Some(WorkflowInput::Text("a log".into()))
    );
}
