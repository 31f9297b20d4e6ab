//! Grouping accuracy on our own labelled messages: a message counts as right when the messages of its template are exactly
//! those of its statement.

use std::collections::BTreeMap;

use super::generate::{Labelled, messages};
use crate::monitoring::Templates;

/// Lines of each family, as public collections have them.
const LINES: usize = 2_000;

macro_rules! families {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../../../fixtures/templates/", $name, ".txt")))),*]
    };
}

/// Each family's name and statements.
pub(super) const FAMILIES: &[(&str, &str)] = families!(
    "android" "apache" "apiserver" "bgl" "containerd" "etcd" "hadoop" "hdfs"
    "healthapp" "hpc" "ingress" "kafka" "kubelet" "linux" "mac" "openstack"
    "postgres" "proxifier" "spark" "spring" "sshd" "thunderbird" "windows" "zookeeper"
);

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

/// What the average over the families may not fall below; measured 0.96.
const FLOOR: f64 = 0.95;
/// What a family may not fall below, but for those whose commonest statement has a variable of free text.
const FAMILY_FLOOR: f64 = 0.75;
const FREE_TEXT: &[&str] = &["postgres"];

#[test]
fn messages_of_one_statement_are_one_template_in_every_family() {
    let mut sum = 0.0;
    for (family, fixture) in FAMILIES {
        let (accuracy, wrong) = accuracy(&messages(fixture, LINES, 42));
        assert!(
            accuracy >= FAMILY_FLOOR || FREE_TEXT.contains(family),
            "{family}: {accuracy:.4} {wrong:#?}"
        );
        sum += accuracy;
    }
    let average = sum / f64::from(u32::try_from(FAMILIES.len()).unwrap());
    assert!(average >= FLOOR, "{average}");
}
