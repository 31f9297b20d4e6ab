//! Patterns of the data files: regular expressions with macros, over bytes and ASCII classes, compiled when first needed.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use crate::analysis::expression::{self, Found};

/// The most bytes that one compiled pattern may take.
const MAX_PATTERN_BYTES: usize = 4 << 20;

/// The macros that patterns may use, so that names and quantities are written the same way everywhere.
/// The classes are ASCII: Kubernetes' names are, and Unicode classes cost a hundred times as much to compile.
const MACROS: &[(&str, &str)] = &[
    ("%host%", r"(?<host>[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)"),
    ("%port%", r"(?<port>\d{2,5})"),
    ("%name%", r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?"),
    ("%q%", "(?:[\"'`\\\\]|\u{201c}|\u{201d})*"),
    ("%qty%", r"\d+(?:\.\d+)?\s?(?:[kmgtp]i?b?|m)?"),
    (
        "%dur%",
        r"\d+(?:\.\d+)?\s?(?:ms|milliseconds?|s|sec|seconds?|m|min|minutes?|h|hours?)",
    ),
];

/// One pattern. It never matches when it does not compile; checking a catalogue finds that.
#[derive(Debug)]
pub(super) struct Pattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern as it is written in a data file.
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            compiled: OnceLock::new(),
        }
    }

    /// As it is written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Compiles it anew, to learn why it does not compile.
    pub(super) fn check(&self) -> Result<Regex, regex::Error> {
        self.check_within(MAX_PATTERN_BYTES)
    }

    /// The same, for a pattern that may take so many bytes.
    pub(super) fn check_within(&self, most_bytes: usize) -> Result<Regex, regex::Error> {
        let expanded = MACROS.iter().fold(self.text.clone(), |text, (name, meaning)| {
            text.replace(name, meaning)
        });
        RegexBuilder::new(&expanded)
            .case_insensitive(true)
            .unicode(false)
            .size_limit(most_bytes)
            .build()
    }

    /// Whether it matches somewhere in the text.
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text.as_bytes()))
    }

    /// Its first match.
    pub(super) fn captures<'t>(&self, text: &'t str) -> Option<Found<'t>> {
        expression::found(self.regex()?, text)
    }

    /// The names of its groups.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let regex = self.regex().into_iter();
        regex.flat_map(|regex| regex.capture_names().flatten())
    }

    fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| self.check().ok()).as_ref()
    }
}
