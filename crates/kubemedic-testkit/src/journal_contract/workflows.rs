//! Promises about workflows, their events and transactions.

use std::sync::Arc;

use kubemedic_model::{id::ApprovalId, workflow::WorkflowStatus};
use kubemedic_ports::journal::{ApprovalFilter, Delivery, Destination, Journal, WorkflowFilter, Write};

use super::{
    builders::{append, approval, at, create, event, input, summary, workflow_id},
    commit, feedback, is_conflict, is_duplicate, write,
};

pub(super) async fn an_empty_journal_knows_nothing(journal: &dyn Journal) {
    let id = workflow_id(1);
    assert_eq!(journal.workflow(id).await.expect("read"), None);
    assert_eq!(journal.input(id).await.expect("read"), None);
    assert!(journal.events(id, 0, 10).await.expect("read").is_empty());
    assert!(journal.unfinished().await.expect("read").is_empty());
    assert!(
        journal
            .workflows(&WorkflowFilter::default())
            .await
            .expect("read")
            .is_empty()
    );
    assert!(
        journal
            .approvals(&ApprovalFilter::default())
            .await
            .expect("read")
            .is_empty()
    );
    assert_eq!(journal.next_delivery_at().await.expect("read"), None);
    assert!(journal.feedback(0, 10).await.expect("read").is_empty());
    journal.check().await.expect("an empty journal can be written");
}

pub(super) async fn a_created_workflow_is_read_back_with_its_input(journal: &dyn Journal) {
    write(journal, vec![create(1)]).await;
    assert_eq!(
        journal.workflow(workflow_id(1)).await.expect("read"),
        Some(summary(1))
    );
    assert_eq!(journal.input(workflow_id(1)).await.expect("read"), Some(input()));
}

pub(super) async fn an_id_is_taken_once(journal: &dyn Journal) {
    write(journal, vec![create(1)]).await;
    assert!(is_duplicate(&commit(journal, vec![create(1)]).await));
}

pub(super) async fn events_are_numbered_without_gaps_and_read_in_batches(journal: &dyn Journal) {
    let committed = write(journal, vec![create(1), append(1, 0, &["a", "b"])]).await;
    assert_eq!(committed.events, [(workflow_id(1), 2)]);
    let committed = write(journal, vec![append(1, 2, &["c"]), append(1, 3, &["d"])]).await;
    assert_eq!(committed.events, [(workflow_id(1), 4)]);
    let read = |after, limit| journal.events(workflow_id(1), after, limit);
    let all = read(0, 100).await.expect("read");
    let told: Vec<(u64, &str)> = all
        .iter()
        .map(|it| (it.sequence, it.event.data.as_str()))
        .collect();
    assert_eq!(told, [(1, "a"), (2, "b"), (3, "c"), (4, "d")]);
    assert!(
        all.iter()
            .all(|it| it.recorded_at == at(0) && it.event == event(&it.event.data))
    );
    let middle: Vec<u64> = read(1, 2)
        .await
        .expect("read")
        .iter()
        .map(|it| it.sequence)
        .collect();
    assert_eq!(middle, [2, 3]);
    assert!(read(4, 10).await.expect("read").is_empty());
}

pub(super) async fn a_writer_that_missed_an_event_gets_a_conflict(journal: &dyn Journal) {
    write(journal, vec![create(1), append(1, 0, &["a"])]).await;
    for wrong in [0, 2, 99] {
        assert!(
            is_conflict(&commit(journal, vec![append(1, wrong, &["x"])]).await),
            "after {wrong}"
        );
    }
    assert!(
        is_conflict(&commit(journal, vec![append(7, 0, &["x"])]).await),
        "an unknown workflow"
    );
    assert_eq!(
        journal.events(workflow_id(1), 0, 10).await.expect("read").len(),
        1
    );
}

pub(super) async fn a_summary_keeps_the_journals_own_number(journal: &dyn Journal) {
    write(journal, vec![create(1), append(1, 0, &["a", "b"])]).await;
    let mut changed = summary(1);
    changed.status = WorkflowStatus::AwaitingApproval;
    changed.namespace = Some("shop".into());
    changed.last_sequence = 77;
    write(journal, vec![Write::UpdateWorkflow(Box::new(changed.clone()))]).await;
    changed.last_sequence = 2;
    assert_eq!(
        journal.workflow(workflow_id(1)).await.expect("read"),
        Some(changed)
    );
}

pub(super) async fn lists_are_filtered_ordered_and_limited(journal: &dyn Journal) {
    for number in 1..=4 {
        write(journal, vec![create(number)]).await;
    }
    let mut closed = summary(2);
    closed.status = WorkflowStatus::Closed;
    closed.closed_at = Some(at(9));
    write(journal, vec![Write::UpdateWorkflow(Box::new(closed))]).await;
    let ids = |found: Vec<kubemedic_model::workflow::WorkflowSummary>| -> Vec<u128> {
        found.iter().map(|it| it.id.uuid().as_u128()).collect()
    };
    let all = WorkflowFilter::default();
    assert_eq!(ids(journal.workflows(&all).await.expect("read")), [4, 3, 2, 1]);
    let two = WorkflowFilter {
        limit: 2,
        status: Some(WorkflowStatus::Running),
    };
    assert_eq!(ids(journal.workflows(&two).await.expect("read")), [4, 3]);
    let open: Vec<u128> = journal
        .unfinished()
        .await
        .expect("read")
        .iter()
        .map(|it| it.uuid().as_u128())
        .collect();
    assert_eq!(open, [1, 3, 4]);
}

pub(super) async fn a_transaction_with_one_failing_write_leaves_nothing(journal: &dyn Journal) {
    write(journal, vec![create(1), append(1, 0, &["a"])]).await;
    let id = ApprovalId::from_uuid(workflow_id(5).uuid());
    let delivery = Delivery {
        id: "d".into(),
        destination: Destination::Webhook,
        body: serde_json::Value::Null,
        attempts: 0,
        next_attempt_at: at(0),
        last_error: None,
    };
    let writes = vec![
        append(1, 1, &["b"]),
        create(2),
        Write::PutApproval(Box::new(approval(&id, None))),
        Write::PutDelivery(delivery),
        feedback::rated("k"),
        create(1),
    ];
    assert!(is_duplicate(&commit(journal, writes).await));
    assert_eq!(
        journal.events(workflow_id(1), 0, 10).await.expect("read").len(),
        1
    );
    assert_eq!(journal.workflow(workflow_id(2)).await.expect("read"), None);
    assert_eq!(journal.approval(&id).await.expect("read"), None);
    assert_eq!(journal.next_delivery_at().await.expect("read"), None);
    assert!(!journal.has_feedback("k").await.expect("read"));
    let committed = write(journal, vec![feedback::rated("k"), append(1, 1, &["b"])]).await;
    assert_eq!(
        (committed.feedback.len(), committed.events.as_slice()),
        (1, [(workflow_id(1), 2)].as_slice())
    );
}

pub(super) async fn retiring_drops_input_and_events_and_keeps_decisions(journal: &dyn Journal) {
    for number in 1..=3 {
        write(journal, vec![create(number), append(number, 0, &["a", "b"])]).await;
    }
    for (number, closed_at) in [(1, 10), (2, 20)] {
        let mut closed = summary(number);
        closed.status = WorkflowStatus::Closed;
        closed.closed_at = Some(at(closed_at));
        write(journal, vec![Write::UpdateWorkflow(Box::new(closed))]).await;
    }
    let id = ApprovalId::from_uuid(workflow_id(5).uuid());
    let mut decision = approval(&id, None);
    decision.workflow_id = Some(workflow_id(1));
    write(
        journal,
        vec![
            Write::PutApproval(Box::new(decision.clone())),
            feedback::rated("k"),
        ],
    )
    .await;

    assert_eq!(journal.retire(at(20)).await.expect("retire"), 1);
    assert_eq!(journal.retire(at(20)).await.expect("retire"), 0);
    let retired = journal
        .workflow(workflow_id(1))
        .await
        .expect("read")
        .expect("the summary stays");
    assert_eq!((retired.retired, retired.last_sequence), (true, 2));
    assert_eq!(journal.input(workflow_id(1)).await.expect("read"), None);
    assert!(
        journal
            .events(workflow_id(1), 0, 10)
            .await
            .expect("read")
            .is_empty()
    );
    assert_eq!(journal.approval(&id).await.expect("read"), Some(decision));
    assert!(journal.has_feedback("k").await.expect("read"));
    for kept in [2, 3] {
        assert_eq!(
            journal
                .events(workflow_id(kept), 0, 10)
                .await
                .expect("read")
                .len(),
            2
        );
        assert!(journal.input(workflow_id(kept)).await.expect("read").is_some());
    }
}

pub(super) async fn of_many_writers_at_once_one_wins(journal: Arc<dyn Journal>) {
    write(journal.as_ref(), vec![create(1)]).await;
    let writers = (0..8).map(|_| {
        let journal = journal.clone();
        async move { commit(journal.as_ref(), vec![append(1, 0, &["x"])]).await }
    });
    let mut wins = 0;
    for result in futures_util::future::join_all(writers).await {
        assert!(result.is_ok() || is_conflict(&result), "{result:?}");
        wins += usize::from(result.is_ok());
    }
    assert_eq!(wins, 1);
}
