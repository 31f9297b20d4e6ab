//! The text catalogue: data files of entries that say what log lines, events and messages mean.
//! It claims; whether the current state agrees is decided by the rules and the ranking.

mod binding;
mod context;
mod entry;
mod extension;
mod load;
mod matching;
mod nearby;
mod pattern;
mod recovery;
mod template;
mod utterance;

use std::{collections::BTreeMap, sync::OnceLock};

use super::{hypothesis::Hypothesis, mentions::Mentions};
use crate::intake::Intake;
pub use extension::{Extension, ExtensionError};
use load::Catalogue;
use matching::Fit;
use utterance::Utterance;

/// The data files, by taxonomy group.
const BUILT_IN: &[(&str, &str)] = &[
    ("container", include_str!("../../catalogue/container.toml")),
    ("image", include_str!("../../catalogue/image.toml")),
    ("config", include_str!("../../catalogue/config.toml")),
    ("probe", include_str!("../../catalogue/probe.toml")),
    ("scheduling", include_str!("../../catalogue/scheduling.toml")),
    ("policy", include_str!("../../catalogue/policy.toml")),
    ("storage", include_str!("../../catalogue/storage.toml")),
    ("node", include_str!("../../catalogue/node.toml")),
    ("network", include_str!("../../catalogue/network.toml")),
    ("data", include_str!("../../catalogue/data.toml")),
    ("security", include_str!("../../catalogue/security.toml")),
    ("workload", include_str!("../../catalogue/workload.toml")),
];

/// The data files in one, as `build.rs` wrote them: reading TOML takes longer than reading a megabyte of log.
const PREPARED: &str = include_str!(concat!(env!("OUT_DIR"), "/catalogue.json"));

/// Proves every entry of the built-in files; returns how many there are.
pub(crate) fn check_built_in() -> Result<usize, entry::CatalogueError> {
    let catalogue = Catalogue::load(BUILT_IN)?;
    catalogue.check()?;
    Ok(catalogue.entries().len())
}

/// The catalogue in use, chosen once: a user's, else the built-in one. That one is valid: a test loads it; were it not, the engine
/// would go on without text knowledge.
static CATALOGUE: OnceLock<Option<Catalogue>> = OnceLock::new();

fn in_use() -> Option<&'static Catalogue> {
    CATALOGUE
        .get_or_init(|| Catalogue::prepared(PREPARED).ok())
        .as_ref()
}

/// Diagnoses with a user's entries from now on.
///
/// # Errors
/// [`ExtensionError::InUse`] when something was diagnosed already.
pub fn extend(extension: Extension) -> Result<(), ExtensionError> {
    CATALOGUE
        .set(Some(extension.catalogue))
        .map_err(|_| ExtensionError::InUse)
}

/// Makes what every input needs, so that the first one does not wait for it.
pub(super) fn warm_up() {
    in_use();
    recovery::warm_up();
}

/// What an input says, with what of it fits which entry.
pub(crate) struct Matches<'a> {
    utterances: Vec<Utterance<'a>>,
    fits: BTreeMap<usize, Fit>,
}

/// Searches the input's text.
pub(crate) fn search(intake: &Intake) -> Matches<'_> {
    in_use().map_or_else(
        || Matches {
            utterances: Vec::new(),
            fits: BTreeMap::new(),
        },
        |catalogue| matches(catalogue, intake),
    )
}

/// What the input's text claims: a hypothesis for each entry and object, the most likely first.
pub(crate) fn hypotheses(matches: Matches<'_>, mentions: &Mentions) -> Vec<Hypothesis> {
    let Some(catalogue) = in_use() else {
        return Vec::new();
    };
    claims(catalogue, matches, mentions)
        .into_iter()
        .map(|(_, hypothesis)| hypothesis)
        .collect()
}

fn matches<'a>(catalogue: &Catalogue, intake: &'a Intake) -> Matches<'a> {
    let utterances = utterance::collect(intake);
    let fits = matching::find(catalogue, &utterances);
    Matches { utterances, fits }
}

/// The claims of a catalogue, each with the id of its entry.
fn claims(catalogue: &Catalogue, matches: Matches<'_>, mentions: &Mentions) -> Vec<(String, Hypothesis)> {
    let mut claims = binding::bind(catalogue, &matches.utterances, mentions, matches.fits);
    claims.sort_by(|(a_id, a), (b_id, b)| {
        b.standing
            .cmp(&a.standing)
            .then(b.likelihood.total_cmp(&a.likelihood))
            .then(a_id.cmp(b_id))
    });
    claims
}

/// How many entries are built in.
#[cfg(test)]
fn tests_catalogue_len() -> usize {
    in_use().map_or(0, |catalogue| catalogue.entries().len())
}

#[cfg(test)]
mod tests;
