//! Grouping accuracy on our own labelled messages: a message counts as right when the messages of its template are exactly
//! those of its statement.

use std::collections::BTreeMap;

use super::generate::{Labelled, messages};
use crate::monitoring::Templates;

/// Lines of each family, as public collections have them.
const LINES: usize = 2_000;

pub(super) const FAMILIES: &[(&str, &str)] = &[
    (
        "android",
        include_str!("../../../../fixtures/templates/android.txt"),
    ),
    ("bgl", include_str!("../../../../fixtures/templates/bgl.txt")),
    ("etcd", include_str!("../../../../fixtures/templates/etcd.txt")),
    (
        "hadoop",
        include_str!("../../../../fixtures/templates/hadoop.txt"),
    ),
    ("hdfs", include_str!("../../../../fixtures/templates/hdfs.txt")),
    (
        "healthapp",
        include_str!("../../../../fixtures/templates/healthapp.txt"),
    ),
    (
        "ingress",
        include_str!("../../../../fixtures/templates/ingress.txt"),
    ),
    (
        "kubelet",
        include_str!("../../../../fixtures/templates/kubelet.txt"),
    ),
    ("linux", include_str!("../../../../fixtures/templates/linux.txt")),
    (
        "proxifier",
        include_str!("../../../../fixtures/templates/proxifier.txt"),
    ),
    ("sshd", include_str!("../../../../fixtures/templates/sshd.txt")),
    (
        "windows",
        include_str!("../../../../fixtures/templates/windows.txt"),
    ),
    (
        "zookeeper",
        include_str!("../../../../fixtures/templates/zookeeper.txt"),
    ),
];

/// The share of messages that are grouped right, and the groups that are not.
fn accuracy(messages: &[Labelled]) -> (f64, Vec<String>) {
    let mut templates = Templates::new();
    let ids: Vec<u32> = messages
        .iter()
        .map(|(_, message)| templates.add(message).0.0)
        .collect();
    let mut by_id: BTreeMap<u32, BTreeMap<usize, usize>> = BTreeMap::new();
    let mut by_label: BTreeMap<usize, BTreeMap<u32, &str>> = BTreeMap::new();
    for ((label, message), id) in messages.iter().zip(&ids) {
        *by_id.entry(*id).or_default().entry(*label).or_default() += 1;
        by_label.entry(*label).or_default().entry(*id).or_insert(message);
    }
    let right = |label: usize, id: u32| by_id[&id].len() == 1 && by_label[&label].len() == 1;
    let count = messages
        .iter()
        .zip(&ids)
        .filter(|((label, _), id)| right(*label, **id))
        .count();
    let wrong = by_label
        .iter()
        .filter(|(label, ids)| !ids.keys().all(|id| right(**label, *id)))
        .map(|(label, ids)| format!("{label}: {ids:?}"))
        .collect();
    (
        f64::from(u32::try_from(count).unwrap()) / f64::from(u32::try_from(messages.len()).unwrap()),
        wrong,
    )
}

#[test]
fn messages_of_one_statement_are_one_template_in_every_family() {
    let figures: Vec<(&str, f64)> = FAMILIES
        .iter()
        .map(|(family, fixture)| {
            let (accuracy, wrong) = accuracy(&messages(fixture, LINES, 42));
            println!("{family}: {accuracy:.3}");
            for line in wrong {
                println!("    {line}");
            }
            (*family, accuracy)
        })
        .collect();
    let count = f64::from(u32::try_from(figures.len()).unwrap());
    let average = figures.iter().map(|(_, accuracy)| accuracy).sum::<f64>() / count;
    println!("average {average:.4}");
    assert!(average > 0.5);
}
