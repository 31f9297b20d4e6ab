//! The form of the knowledge base: per failure class, what to look at, which ways to repair there are in which order,
//! and what keeps it from happening again. The entries themselves are in `knowledge`.

use kubemedic_model::plan::{PlannedCommand, Strategy};

use super::{change::Change, site::Site};

/// A read-only command that may be worth running; none where the evidence lacks a name that it needs.
pub(crate) type Look = fn(&Site<'_>) -> Option<PlannedCommand>;
/// The changes of a way to repair; empty where the evidence lacks a name or value that they need.
pub(crate) type Build = fn(&Site<'_>) -> Vec<Act>;

/// A change with its reason.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Act {
    /// The change.
    pub(crate) change: Change,
    /// What it does and why, in a sentence without a full stop.
    pub(crate) why: String,
    /// Its inverse, where the builder knows the present value better than `inverse` does.
    pub(crate) undo: Option<Change>,
}

impl Act {
    /// A change whose inverse follows from its form and the snapshot.
    pub(crate) fn new(change: Change, why: impl Into<String>) -> Self {
        Self {
            change,
            why: why.into(),
            undo: None,
        }
    }

    /// A change with the inverse that its builder knows.
    pub(crate) fn with_undo(change: Change, why: impl Into<String>, undo: Change) -> Self {
        Self {
            change,
            why: why.into(),
            undo: Some(undo),
        }
    }
}

/// A way to repair a class.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Treatment {
    /// Which way.
    pub(crate) strategy: Strategy,
    /// What it would do, and its price: a phrase (see `phrase`).
    pub(crate) summary: &'static str,
    /// Its changes.
    pub(crate) build: Build,
    /// What a person does where there are no changes: phrases. Empty: the way is chosen only with changes.
    pub(crate) by_hand: &'static [&'static str],
}

impl Treatment {
    /// A way that is chosen only where the evidence holds all that its commands need.
    pub(crate) const fn when_known(strategy: Strategy, summary: &'static str, build: Build) -> Self {
        Self {
            strategy,
            summary,
            build,
            by_hand: &[],
        }
    }

    /// A way that a person goes where the evidence does not hold all that its commands need.
    pub(crate) const fn or_by_hand(
        strategy: Strategy,
        summary: &'static str,
        build: Build,
        by_hand: &'static [&'static str],
    ) -> Self {
        Self {
            strategy,
            summary,
            build,
            by_hand,
        }
    }

    /// A way that only a person can go.
    pub(crate) const fn by_hand(
        strategy: Strategy,
        summary: &'static str,
        by_hand: &'static [&'static str],
    ) -> Self {
        Self {
            strategy,
            summary,
            build: no_change,
            by_hand,
        }
    }
}

/// What to do about one failure class.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Playbook {
    /// What to look at first, the most telling first; a plan takes the first four that the evidence allows.
    pub(crate) looks: &'static [Look],
    /// The ways to repair, the best first.
    pub(crate) treatments: &'static [Treatment],
    /// What to look at afterwards.
    pub(crate) verify: &'static [Look],
    /// How a person sees that it helped: a phrase.
    pub(crate) success: &'static str,
    /// What keeps it from happening again.
    pub(crate) prevention: &'static [&'static str],
}

/// The changes of a way that only a person can go.
fn no_change(_: &Site<'_>) -> Vec<Act> {
    Vec::new()
}
