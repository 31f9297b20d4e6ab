//! Which utterances an entry's signals fit, after harmless talk and what healed itself have been left out.

use std::collections::BTreeMap;

use kubemedic_model::log::Severity;

use super::{
    entry::Entry,
    load::Catalogue,
    pattern::Pattern,
    recovery::{is_harmless, recovered_after},
    utterance::{Neighbourhood, Utterance},
};

/// The most utterances that one entry keeps; further ones are counted only.
const MAX_KEPT: usize = 24;

/// The utterances that fit one entry.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Fit {
    /// Their places, the first [`MAX_KEPT`].
    pub(super) places: Vec<usize>,
    /// The last of them.
    last: usize,
}

/// What fits, by the entry's place in the catalogue.
pub(super) fn find(catalogue: &Catalogue, utterances: &[Utterance<'_>]) -> BTreeMap<usize, Fit> {
    let mut fits: BTreeMap<usize, Fit> = BTreeMap::new();
    for (place, utterance) in utterances.iter().enumerate() {
        let candidates = catalogue
            .candidates(&utterance.text, utterance.severity)
            .into_iter();
        let loud: Vec<(usize, &Entry)> = candidates
            .filter_map(|candidate| Some((candidate, catalogue.entry(candidate)?)))
            .filter(|(_, entry)| is_loud(entry, utterance))
            .collect();
        if loud.is_empty() || is_harmless(&utterance.text) {
            continue;
        }
        for (candidate, entry) in loud {
            if !fits_alone(entry, utterance) {
                continue;
            }
            let fit = fits.entry(candidate).or_default();
            fit.last = place;
            if fit.places.len() < MAX_KEPT {
                fit.places.push(place);
            }
        }
    }
    fits.retain(|candidate, fit| {
        catalogue
            .entry(*candidate)
            .is_some_and(|entry| fits_around(entry, fit, utterances))
    });
    fits
}

/// Whether the utterance is grave enough for the entry.
fn is_loud(entry: &Entry, utterance: &Utterance<'_>) -> bool {
    utterance.severity == Severity::Unknown || utterance.severity >= entry.floor
}

/// Whether the utterance's own words fit.
fn fits_alone(entry: &Entry, utterance: &Utterance<'_>) -> bool {
    let text = utterance.text.as_ref();
    (entry.any.is_empty() || entry.any.iter().any(|it| it.is_match(text)))
        && entry.all.iter().all(|it| it.is_match(text))
        && !entry.none.iter().any(|it| it.is_match(text))
}

/// Whether what stands around the utterances agrees.
fn fits_around(entry: &Entry, fit: &Fit, utterances: &[Utterance<'_>]) -> bool {
    let Some(first) = fit.places.first() else {
        return false;
    };
    let near = Neighbourhood::around(utterances, *first);
    let has = |pattern: &Pattern| near.iter().any(|it| pattern.is_match(&it.text));
    if !entry.with.iter().all(has) || entry.without.iter().any(has) {
        return false;
    }
    let after_first = utterances.get(first + 1..).unwrap_or_default();
    if entry.raw.errors_follow && !after_first.iter().any(|it| it.severity.is_error()) {
        return false;
    }
    let later = utterances.get(fit.last + 1..).unwrap_or_default();
    let recovered = entry.raw.recovers
        && utterances
            .get(fit.last)
            .is_some_and(|last| recovered_after(last, later));
    !recovered
}
