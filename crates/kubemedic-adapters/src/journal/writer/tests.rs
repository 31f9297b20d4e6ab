//! Transactions that share a flush, each whole or not at all.

use kubemedic_model::{
    feedback::FeedbackEvent,
    id::{FeedbackId, WorkflowId},
    outcome::Outcome,
};
use kubemedic_ports::journal::{Delivery, Destination, Write};
use sqlx::ConnectOptions;

use super::*;

/// An empty journal in a folder that lives as long as the answer.
async fn journal() -> (Open, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    sqlx::migrate!("./migrations").run(&mut connection).await.unwrap();
    let place = Place::of(&path).unwrap();
    (
        Open {
            session: Session::new(connection),
            place,
        },
        folder,
    )
}

/// A delivery and a feedback event; a known key makes the second a duplicate after the first was written.
fn transaction(delivery: &str, key: &str) -> Transaction {
    let event = FeedbackEvent::Outcome {
        feedback_id: FeedbackId::for_workflow(WorkflowId::new(uuid::Uuid::nil()), 0),
        outcome: Outcome::Resolved,
        observed_at: None,
        is_provisional: false,
    };
    Transaction {
        at: Timestamp::UNIX_EPOCH,
        writes: vec![
            Write::PutDelivery(Delivery {
                id: delivery.to_owned(),
                destination: Destination::Webhook,
                body: serde_json::Value::Null,
                attempts: 0,
                next_attempt_at: Timestamp::UNIX_EPOCH,
                last_error: None,
            }),
            Write::AppendFeedback {
                key: key.to_owned(),
                event,
            },
        ],
    }
}

async fn deliveries(connection: &mut SqliteConnection) -> Vec<String> {
    let rows = sqlx::query("SELECT delivery_id FROM deliveries ORDER BY delivery_id");
    let rows = rows.fetch_all(connection).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn a_refused_transaction_takes_nothing_of_its_neighbours_with_it() {
    let (mut journal, _folder) = journal().await;
    let group = [
        transaction("a", "first"),
        transaction("b", "first"),
        transaction("c", "second"),
    ];
    let results = journal.together(&group).await.unwrap();
    let numbers: Vec<_> = results
        .iter()
        .map(|it| it.as_ref().ok().map(|it| it.feedback.clone()))
        .collect();
    assert_eq!(numbers, [Some(vec![1]), None, Some(vec![2])]);
    assert!(matches!(results[1], Err(JournalError::Duplicate { .. })));
    assert_eq!(deliveries(&mut journal.session.connection).await, ["a", "c"]);
}

#[tokio::test]
async fn when_the_database_fails_nothing_of_the_group_is_written_and_each_gets_its_own_answer() {
    let (mut journal, _folder) = journal().await;
    sqlx::query("DROP TABLE feedback_events")
        .execute(&mut journal.session.connection)
        .await
        .unwrap();
    let mut harmless = transaction("a", "first");
    harmless.writes.truncate(1);
    let group = [harmless, transaction("b", "second")];
    assert!(journal.together(&group).await.is_none());
    assert_eq!(
        deliveries(&mut journal.session.connection).await,
        Vec::<String>::new()
    );

    let (answers, answered): (Vec<_>, Vec<_>) = group.iter().map(|_| oneshot::channel()).unzip();
    journal.commit(group.into_iter().zip(answers).collect()).await;
    let mut results = Vec::new();
    for answer in answered {
        results.push(answer.await.unwrap().is_ok());
    }
    assert_eq!(results, [true, false]);
    assert_eq!(deliveries(&mut journal.session.connection).await, ["a"]);
}

#[tokio::test]
async fn many_writers_at_once_are_all_answered_and_numbered_without_a_gap() {
    let (open, _folder) = journal().await;
    let writer = Writer::start(open.session.connection, open.place);
    let keys: Vec<String> = (0..100).map(|number| format!("key {number}")).collect();
    let commits = keys.iter().map(|key| writer.commit(transaction(key, key)));
    let answers = futures_in_order(commits.collect()).await;
    let mut numbers: Vec<u64> = answers.iter().flat_map(|it| it.feedback.clone()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=100).collect::<Vec<u64>>());
}

/// Polls all of them before it waits for the first, so that they wait together.
async fn futures_in_order<F: Future<Output = Result<Committed, JournalError>>>(
    futures: Vec<F>,
) -> Vec<Committed> {
    let mut pinned: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut answers: Vec<Option<Committed>> = vec![None; pinned.len()];
    std::future::poll_fn(|context| {
        for (future, answer) in pinned.iter_mut().zip(&mut answers).filter(|(_, it)| it.is_none()) {
            if let std::task::Poll::Ready(result) = future.as_mut().poll(context) {
                *answer = Some(result.unwrap());
            }
        }
        if answers.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    answers.into_iter().flatten().collect()
}
