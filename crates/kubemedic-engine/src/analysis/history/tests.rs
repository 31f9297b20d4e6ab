//! Tests of the revisions.

use kubemedic_model::snapshot::{ClusterSnapshot, pod::PodSpec};

use super::*;
use crate::analysis::fixtures::{NAMESPACE, container, deployment, meta};

fn revision(hash: &str, number: u64, ready: u32, image: &str) -> Workload {
    let mut container = container("web");
    container.image = Some(image.to_owned());
    Workload {
        kind: Kind::ReplicaSet,
        meta: meta(&format!("web-{hash}")),
        ready: Some(ready),
        revision: Some(number),
        template: PodSpec {
            containers: vec![container],
            ..PodSpec::default()
        },
        ..deployment("web")
    }
}

fn recalled(workloads: Vec<Workload>) -> Facts {
    let snapshot = ClusterSnapshot {
        workloads,
        ..ClusterSnapshot::default()
    };
    let mut facts = Facts::from([
        (Fact::Container, "web".to_owned()),
        (Fact::Image, "registry.test/web:9".to_owned()),
    ]);
    let workload = ResourceRef::new(Kind::Deployment, Some(NAMESPACE), "web");
    recall(&View::new(&snapshot), Some(&workload), &mut facts);
    facts.remove(&Fact::Container);
    facts.remove(&Fact::Image);
    facts
}

#[test]
fn the_newest_revision_that_still_serves_beside_a_new_one_is_good() {
    let facts = recalled(vec![
        revision("6d8c9b7f54", 9, 0, "registry.test/web:9"),
        revision("5f6f7c8d9b", 7, 1, "registry.test/web:7"),
        revision("7c5f46fc47", 8, 2, "registry.test/web:8"),
    ]);
    assert_eq!(
        facts,
        Facts::from([
            (Fact::Revision, "8".to_owned()),
            (Fact::KnownGoodImage, "registry.test/web:8".to_owned()),
        ])
    );
}

#[test]
fn a_revision_that_runs_the_same_image_names_no_image() {
    let facts = recalled(vec![
        revision("6d8c9b7f54", 2, 0, "registry.test/web:9"),
        revision("5f6f7c8d9b", 1, 1, "registry.test/web:9"),
    ]);
    assert_eq!(facts, Facts::from([(Fact::Revision, "1".to_owned())]));
}

#[test]
fn nothing_is_known_to_be_good_without_ready_pods_or_while_the_newest_serves() {
    let idle = vec![
        revision("6d8c9b7f54", 9, 0, "registry.test/web:9"),
        revision("7c5f46fc47", 8, 0, "registry.test/web:8"),
    ];
    let progressing = vec![
        revision("6d8c9b7f54", 9, 1, "registry.test/web:9"),
        revision("7c5f46fc47", 8, 1, "registry.test/web:8"),
    ];
    assert_eq!(recalled(idle), Facts::new());
    assert_eq!(recalled(progressing), Facts::new());
}
