//! Regular expressions over ASCII classes, compiled when they are first needed. Text is searched as bytes: names, numbers and the words
//! of Kubernetes are ASCII, and an expression without Unicode's classes compiles in a tenth of the time.

use std::{borrow::Cow, sync::OnceLock};

use regex::bytes;

/// An expression.
#[derive(Debug)]
pub(crate) struct Expression {
    source: Cow<'static, str>,
    compiled: OnceLock<Option<bytes::Regex>>,
}

/// A match with its groups.
#[derive(Debug)]
pub(crate) struct Found<'t> {
    text: &'t str,
    groups: bytes::Captures<'t>,
}

/// What a group matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part<'t> {
    text: &'t str,
    end: usize,
}

impl Expression {
    /// An expression that nobody has compiled yet. One that does not compile never matches; a test finds that.
    pub(crate) fn new(source: impl Into<Cow<'static, str>>) -> Self {
        Self {
            source: source.into(),
            compiled: OnceLock::new(),
        }
    }

    /// Compiles a source.
    ///
    /// # Errors
    /// What the compiler says.
    pub(crate) fn compile(source: &str) -> Result<bytes::Regex, regex::Error> {
        bytes::RegexBuilder::new(source).unicode(false).build()
    }

    /// Compiles it now; whether it compiles.
    pub(crate) fn is_valid(&self) -> bool {
        self.regex().is_some()
    }

    /// Whether it matches somewhere in the text.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text.as_bytes()))
    }

    /// Its first match.
    pub(crate) fn captures<'t>(&self, text: &'t str) -> Option<Found<'t>> {
        found(self.regex()?, text)
    }

    /// Its matches in order, not overlapping.
    pub(crate) fn captures_iter<'r, 't>(
        &'r self,
        text: &'t str,
    ) -> impl Iterator<Item = Found<'t>> + use<'r, 't> {
        let regex = self.regex().into_iter();
        regex
            .flat_map(move |regex| regex.captures_iter(text.as_bytes()))
            .map(move |groups| Found { text, groups })
    }

    fn regex(&self) -> Option<&bytes::Regex> {
        let compile = || Self::compile(&self.source).ok();
        self.compiled.get_or_init(compile).as_ref()
    }
}

/// The first match of a compiled expression.
pub(crate) fn found<'t>(regex: &bytes::Regex, text: &'t str) -> Option<Found<'t>> {
    let groups = regex.captures(text.as_bytes())?;
    Some(Found { text, groups })
}

impl<'t> Found<'t> {
    /// What a named group matched.
    pub(crate) fn name(&self, name: &str) -> Option<Part<'t>> {
        self.part(&self.groups.name(name)?)
    }

    /// What a group matched by its number; 0 is the whole match.
    pub(crate) fn group(&self, number: usize) -> Option<Part<'t>> {
        self.part(&self.groups.get(number)?)
    }

    /// A bounded repetition may end within a character: that character is left out.
    fn part(&self, found: &bytes::Match<'t>) -> Option<Part<'t>> {
        let end = self.text.floor_char_boundary(found.end());
        let start = self.text.ceil_char_boundary(found.start());
        let text = self.text.get(start..end)?;
        Some(Part { text, end })
    }
}

impl<'t> Part<'t> {
    /// The words.
    pub(crate) fn as_str(self) -> &'t str {
        self.text
    }

    /// Where they end.
    pub(crate) fn end(self) -> usize {
        self.end
    }
}

#[cfg(test)]
mod tests;
