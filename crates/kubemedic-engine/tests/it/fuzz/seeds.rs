//! Real-looking inputs to start from: our fixtures, the bundled sample, and one text for each family of formats.

use std::sync::LazyLock;

use serde::Deserialize;

/// Every text, each of a size that people paste.
pub(super) static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let incidents = [
        include_str!("../../../fixtures/incidents/blind.jsonl"),
        include_str!("../../../fixtures/incidents/blind-second.jsonl"),
        include_str!("../../../fixtures/incidents/blind-third.jsonl"),
        include_str!("../../../fixtures/incidents/blind-healthy.jsonl"),
    ];
    let own = [
        include_str!("../../../fixtures/fuzz/seeds/mixed-logs.txt"),
        include_str!("../../../fixtures/fuzz/seeds/tables.txt"),
        include_str!("../../../fixtures/fuzz/seeds/describe.txt"),
        include_str!("../../../fixtures/fuzz/seeds/objects.yaml"),
        include_str!("../../../fixtures/fuzz/seeds/secrets.txt"),
        OBJECTS,
        include_str!("../../../../../samples/checkout-outage.log"),
    ];
    let variants = include_str!("../../../fixtures/incidents/variants.txt");
    // The texts with the most structure stand several times: they are worth most mutations.
    own.iter()
        .cycle()
        .take(own.len() * 12)
        .map(|text| (*text).to_owned())
        .chain(
            incidents
                .iter()
                .flat_map(|lines| lines.lines())
                .filter_map(input_text),
        )
        .chain(variants.split("=== ").map(str::to_owned))
        .collect()
});

/// An evidence object with objects of many kinds.
pub(super) const OBJECTS: &str = include_str!("../../../fixtures/fuzz/seeds/objects.json");

fn input_text(line: &str) -> Option<String> {
    let case: serde_json::Value = serde_json::from_str(line).ok()?;
    Some(case.get("input_text")?.as_str()?.to_owned())
}

/// Commands with the verdict that they must at least get.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Category {
    pub(super) at_least: String,
    pub(super) commands: Vec<String>,
}

#[derive(Deserialize)]
struct Examples {
    category: Vec<Category>,
}

/// The policy's examples.
pub(super) static COMMANDS: LazyLock<Vec<Category>> = LazyLock::new(|| {
    let text = include_str!("../../../policy/examples.toml");
    toml::from_str::<Examples>(text)
        .expect("the policy's examples are TOML")
        .category
});
