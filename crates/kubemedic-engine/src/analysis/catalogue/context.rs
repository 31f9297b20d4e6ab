//! Details that stand somewhere near a failure rather than in its own words: limits, images, ports, probe settings.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{
    entry::{CatalogueError, patterns, prove},
    pattern::Pattern,
    utterance::Utterance,
};

/// The data file.
const FILE: &str = include_str!("../../../catalogue/context.toml");

/// All details by name, each with the patterns that tell it; the value is the group `v`.
#[derive(Debug)]
pub(super) struct ContextFacts {
    facts: Vec<(String, Vec<Pattern>)>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    fact: Vec<RawFact>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFact {
    name: String,
    patterns: Vec<String>,
}

impl ContextFacts {
    /// Reads the data file.
    pub(super) fn load() -> Result<Self, CatalogueError> {
        let file: File = toml::from_str(FILE).map_err(|error| CatalogueError::Unreadable {
            file: "context".to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self::of(file.fact))
    }

    /// Details as they are written.
    pub(super) fn of(facts: Vec<RawFact>) -> Self {
        let read = |fact: RawFact| (fact.name, patterns(&fact.patterns));
        Self {
            facts: facts.into_iter().map(read).collect(),
        }
    }

    /// Proves that the patterns compile.
    pub(super) fn check(&self) -> Result<(), CatalogueError> {
        self.facts
            .iter()
            .try_for_each(|(name, patterns)| prove(name, patterns.iter()))
    }

    /// The names of all details.
    pub(super) fn names(&self) -> BTreeSet<String> {
        self.facts.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The value of a detail that an utterance tells.
    pub(super) fn value(&self, name: &str, utterance: &Utterance<'_>) -> Option<String> {
        let (_, patterns) = self.facts.iter().find(|(known, _)| known == name)?;
        value_in(patterns, utterance)
    }
}

fn value_in(patterns: &[Pattern], utterance: &Utterance<'_>) -> Option<String> {
    patterns.iter().find_map(|pattern| {
        pattern
            .captures(&utterance.text)?
            .name("v")
            .map(|it| it.as_str().to_owned())
    })
}
