//! What readers find here, and when they have to ask the journal.

use kubemedic_model::id::WorkflowId;
use uuid::Uuid;

use super::*;
use crate::stream::Frame;

const ID: WorkflowId = WorkflowId::new(Uuid::nil());

fn told(sequences: std::ops::RangeInclusive<u64>, bytes: usize) -> Vec<Told> {
    let one = |sequence| Told {
        frame: Frame {
            sequence,
            json: "x".repeat(bytes).into(),
        },
        ends: false,
        closes: false,
    };
    sequences.map(one).collect()
}

fn found(news: &News, after: u64) -> Option<Vec<u64>> {
    Some(news.after(after)?.map(|it| it.frame.sequence).collect())
}

#[test]
fn a_reader_finds_what_follows_its_position_without_a_gap() {
    let hub = Hub::default();
    let reader = hub.subscribe(ID);
    assert_eq!(found(&reader.borrow(), 0), None);
    hub.publish(ID, 2, told(1..=2, 10));
    hub.publish(ID, 3, told(3..=3, 10));
    assert_eq!(found(&reader.borrow(), 0), Some(vec![1, 2, 3]));
    assert_eq!(found(&reader.borrow(), 2), Some(vec![3]));
    hub.publish(ID, 5, told(5..=5, 10));
    assert_eq!(
        found(&reader.borrow(), 3),
        None,
        "4 is missing: the journal has it"
    );
    assert_eq!(found(&reader.borrow(), 4), Some(vec![5]));
    hub.publish(ID, 4, told(4..=4, 10));
    assert_eq!(reader.borrow().newest, 5, "told late");
    assert_eq!(found(&reader.borrow(), 4), Some(vec![5]));
}

#[test]
fn only_little_is_kept_of_what_went_before() {
    let hub = Hub::default();
    let reader = hub.subscribe(ID);
    hub.publish(ID, 1, told(1..=1, MAX_KEPT_BYTES));
    hub.publish(ID, 2, told(2..=2, 10));
    assert_eq!(found(&reader.borrow(), 0), None);
    assert_eq!(found(&reader.borrow(), 1), Some(vec![2]));
    hub.publish(ID, 3, told(3..=3, MAX_SHARED_BYTES + 1));
    assert_eq!((reader.borrow().newest, found(&reader.borrow(), 2)), (3, None));
}

#[test]
fn what_nobody_reads_is_forgotten() {
    let hub = Hub::default();
    drop(hub.subscribe(ID));
    assert!(!hub.is_read(ID));
    hub.publish(ID, 1, Vec::new());
    assert_eq!(hub.change(|inner| inner.readers.len()), 0);
    for number in 1..=500 {
        drop(hub.subscribe(WorkflowId::new(Uuid::from_u128(number))));
    }
    assert!(hub.change(|inner| inner.readers.len()) <= FIRST_SWEEP);
}
