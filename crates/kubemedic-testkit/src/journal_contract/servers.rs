//! Promises about approvals and deliveries.

use kubemedic_model::{
    approval::{ApprovalStatus, CommandDecision},
    id::ApprovalId,
};
use kubemedic_ports::journal::{ApprovalFilter, Delivery, Destination, Journal, Write};
use serde_json::json;

use super::{
    builders::{approval, at, create, workflow_id},
    commit, is_conflict, is_duplicate, write,
};

fn id(number: u128) -> ApprovalId {
    ApprovalId::from_uuid(workflow_id(number).uuid())
}

pub(super) async fn an_approval_is_replaced_by_its_next_revision_only(journal: &dyn Journal) {
    let first = approval(&id(1), None);
    write(journal, vec![Write::PutApproval(Box::new(first.clone()))]).await;
    assert_eq!(journal.approval(&id(1)).await.expect("read"), Some(first.clone()));
    assert!(is_duplicate(
        &commit(journal, vec![Write::PutApproval(Box::new(first.clone()))]).await
    ));

    let mut second = first.clone();
    second.revision = 2;
    second.status = ApprovalStatus::Approved;
    second.approver = Some("ann".into());
    for command in &mut second.commands {
        command.decision = Some(CommandDecision::Approve);
    }
    write(journal, vec![Write::PutApproval(Box::new(second.clone()))]).await;
    assert_eq!(
        journal.approval(&id(1)).await.expect("read"),
        Some(second.clone())
    );
    for wrong in [2, 4] {
        let mut other = second.clone();
        other.revision = wrong;
        assert!(
            is_conflict(&commit(journal, vec![Write::PutApproval(Box::new(other))]).await),
            "revision {wrong}"
        );
    }
    let mut unknown = approval(&id(9), None);
    unknown.revision = 2;
    assert!(is_conflict(
        &commit(journal, vec![Write::PutApproval(Box::new(unknown))]).await
    ));
}

pub(super) async fn an_idempotency_key_is_taken_once(journal: &dyn Journal) {
    write(
        journal,
        vec![Write::PutApproval(Box::new(approval(&id(1), Some("k"))))],
    )
    .await;
    let same = commit(
        journal,
        vec![Write::PutApproval(Box::new(approval(&id(2), Some("k"))))],
    )
    .await;
    assert!(is_duplicate(&same));
    for number in [3, 4] {
        write(
            journal,
            vec![Write::PutApproval(Box::new(approval(&id(number), None)))],
        )
        .await;
    }
    let filter = ApprovalFilter {
        idempotency_key: Some("k".into()),
        ..ApprovalFilter::default()
    };
    let found = journal.approvals(&filter).await.expect("read");
    assert_eq!(found, [approval(&id(1), Some("k"))]);
}

pub(super) async fn approvals_are_filtered_and_the_oldest_first(journal: &dyn Journal) {
    write(journal, vec![create(1)]).await;
    for (number, workflow) in [(1, None), (2, Some(1)), (3, Some(1))] {
        let mut it = approval(&id(number), None);
        it.workflow_id = workflow.map(workflow_id);
        it.created_at = at(i64::try_from(number).unwrap_or_default());
        write(journal, vec![Write::PutApproval(Box::new(it))]).await;
    }
    let mut expired = approval(&id(2), None);
    expired.workflow_id = Some(workflow_id(1));
    expired.created_at = at(2);
    expired.revision = 2;
    expired.status = ApprovalStatus::Expired;
    write(journal, vec![Write::PutApproval(Box::new(expired))]).await;

    let cases = [
        (ApprovalFilter::default(), vec![1, 2, 3]),
        (
            ApprovalFilter {
                status: Some(ApprovalStatus::Pending),
                ..ApprovalFilter::default()
            },
            vec![1, 3],
        ),
        (
            ApprovalFilter {
                workflow_id: Some(workflow_id(1)),
                limit: 1,
                ..ApprovalFilter::default()
            },
            vec![2],
        ),
    ];
    for (filter, expected) in cases {
        let found = journal.approvals(&filter).await.expect("read");
        let found: Vec<ApprovalId> = found.into_iter().map(|it| it.id).collect();
        let expected: Vec<ApprovalId> = expected.into_iter().map(id).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
}

pub(super) async fn deliveries_come_when_they_are_due_the_longest_due_first(journal: &dyn Journal) {
    let delivery = |name: &str, due: i64, attempts: u32| Delivery {
        id: name.to_owned(),
        destination: Destination::Proposal {
            workflow_id: workflow_id(1),
            position: 2,
        },
        body: json!({"name": name}),
        attempts,
        next_attempt_at: at(due),
        last_error: None,
    };
    for (name, due) in [("late", 30), ("soon", 10), ("now", 5)] {
        write(journal, vec![Write::PutDelivery(delivery(name, due, 0))]).await;
    }
    assert_eq!(journal.next_delivery_at().await.expect("read"), Some(at(5)));
    assert!(journal.due_deliveries(at(4), 10).await.expect("read").is_empty());
    let due = journal.due_deliveries(at(10), 10).await.expect("read");
    assert_eq!(due, [delivery("now", 5, 0), delivery("soon", 10, 0)]);
    assert_eq!(
        journal.due_deliveries(at(99), 1).await.expect("read"),
        [delivery("now", 5, 0)]
    );

    write(journal, vec![Write::PutDelivery(delivery("now", 60, 1))]).await;
    write(journal, vec![Write::RemoveDelivery { id: "soon".into() }]).await;
    // Removing what is gone is no error: the receiver may have been told twice.
    write(journal, vec![Write::RemoveDelivery { id: "soon".into() }]).await;
    let due = journal.due_deliveries(at(99), 10).await.expect("read");
    assert_eq!(due, [delivery("late", 30, 0), delivery("now", 60, 1)]);
}
