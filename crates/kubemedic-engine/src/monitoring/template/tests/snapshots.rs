//! A restored snapshot goes on as if nothing had happened; a wrong one is refused.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{generate::messages, grouping::FAMILIES};
use crate::monitoring::{SnapshotError, Templates};

fn add_all(templates: &mut Templates, messages: &[String]) -> Vec<(u32, String)> {
    messages
        .iter()
        .map(|message| {
            let (id, template) = templates.add(message);
            (id.0, template.to_owned())
        })
        .collect()
}

fn thawed(value: Value) -> Result<Templates, SnapshotError> {
    Templates::restore(serde_json::from_value(value).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn restored_templates_go_on_as_if_they_had_never_stopped(
        family in 0..FAMILIES.len(),
        seed in any::<u64>(),
        odd in prop::collection::vec("[a-c =:,{}0-1\"]{0,30}", 0..40),
        stop in 0..240_usize,
    ) {
        let mut all: Vec<String> = messages(FAMILIES[family].1, 200, seed).into_iter().map(|it| it.1).collect();
        all.extend(odd);
        let (before, after) = all.split_at(stop.min(all.len()));
        let mut whole = Templates::new();
        add_all(&mut whole, before);
        let frozen = serde_json::to_value(whole.snapshot()).unwrap();
        let mut restored = thawed(frozen).unwrap();
        prop_assert_eq!(restored.snapshot(), whole.snapshot());
        prop_assert_eq!(add_all(&mut restored, after), add_all(&mut whole, after));
        prop_assert_eq!(restored.snapshot(), whole.snapshot());
    }
}

#[test]
fn a_wrong_snapshot_is_refused_with_the_reason() {
    let mut templates = Templates::new();
    templates.add("took 5 ms");
    templates.add("lost bob");
    let good = serde_json::to_value(templates.snapshot()).unwrap();
    let changed = |path: &str, value: Value| {
        let mut bad = good.clone();
        *bad.pointer_mut(path).unwrap() = value;
        thawed(bad).err()
    };
    assert_eq!(
        changed("/version", json!(0)),
        Some(SnapshotError::Version { found: 0 })
    );
    assert_eq!(
        changed("/signatures/0/1", json!(3)),
        Some(SnapshotError::Damaged { template: 0 })
    );
    assert_eq!(
        changed("/skeletons/0/1", json!(9)),
        Some(SnapshotError::Damaged { template: 0 })
    );
    assert_eq!(
        changed("/clusters/1/text", json!("l")),
        Some(SnapshotError::Damaged { template: 2 })
    );
    assert_eq!(
        changed("/clusters/0/pieces/0/3", json!(77)),
        Some(SnapshotError::Damaged { template: 1 })
    );
    assert_eq!(changed("/version", json!(1)), None);
    let many = vec![json!([1, 0]); 200_000];
    assert_eq!(changed("/skeletons", json!(many)), Some(SnapshotError::TooMany));
}
