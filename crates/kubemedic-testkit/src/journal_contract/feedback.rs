//! Promises about feedback.

use kubemedic_model::{
    feedback::{FeedbackEvent, Rating},
    id::FeedbackId,
};
use kubemedic_ports::journal::{Journal, Write};

use super::{
    builders::{at, workflow_id},
    commit, is_duplicate, write,
};

/// A rating under a key.
pub(super) fn rated(key: &str) -> Write {
    Write::AppendFeedback {
        key: key.to_owned(),
        event: FeedbackEvent::Rated(Rating {
            feedback_id: FeedbackId::for_workflow(workflow_id(1), 7),
            rater: key.to_owned(),
            rating: Some(5),
            was_helpful: None,
            comments: Some("it's good".into()),
            improvements: None,
        }),
    }
}

fn event_of(write: Write) -> Option<FeedbackEvent> {
    match write {
        Write::AppendFeedback { event, .. } => Some(event),
        _ => None,
    }
}

pub(super) async fn feedback_is_numbered_and_its_keys_are_taken_once(journal: &dyn Journal) {
    let first = write(journal, vec![rated("a"), rated("b")]).await.feedback;
    let second = write(journal, vec![rated("c")]).await.feedback;
    let numbers: Vec<u64> = first.into_iter().chain(second).collect();
    assert!(
        numbers.is_sorted_by(|a, b| a < b) && numbers.first() >= Some(&1),
        "{numbers:?}"
    );

    assert!(is_duplicate(&commit(journal, vec![rated("a")]).await));
    assert!(is_duplicate(&commit(journal, vec![rated("d"), rated("d")]).await));
    assert!(journal.has_feedback("b").await.expect("read"));
    assert!(!journal.has_feedback("d").await.expect("read"));

    let all = journal.feedback(0, 10).await.expect("read");
    assert_eq!(all.iter().map(|it| it.sequence).collect::<Vec<_>>(), numbers);
    assert!(all.iter().all(|it| it.recorded_at == at(0)));
    let events: Vec<FeedbackEvent> = all.into_iter().map(|it| it.event).collect();
    assert_eq!(
        events,
        ["a", "b", "c"]
            .map(rated)
            .into_iter()
            .filter_map(event_of)
            .collect::<Vec<_>>()
    );
    let after = numbers.first().copied().unwrap_or_default();
    let rest = journal.feedback(after, 1).await.expect("read");
    assert_eq!(
        rest.iter().map(|it| it.sequence).collect::<Vec<_>>(),
        numbers.get(1..2).unwrap_or_default()
    );
}
