//! One entry of the catalogue: its form in the data files, its checks, and its compiled form.

use std::collections::BTreeSet;

use kubemedic_model::{class::FailureClass, log::Severity, resource::Kind};
use serde::Deserialize;

use super::{
    pattern::Pattern,
    template::{Template, TemplateError},
};
use crate::analysis::hypothesis::Standing;

/// The fewest `match` and `not_match` examples.
const MIN_EXAMPLES: usize = 2;

/// Why a data file is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CatalogueError {
    /// The file is not the TOML of a catalogue.
    #[error("catalogue file '{file}' cannot be read: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the parser says.
        reason: String,
    },
    /// A pattern does not compile.
    #[error("catalogue entry '{entry}': the pattern '{pattern}' does not compile: {source}")]
    Pattern {
        /// The entry.
        entry: String,
        /// The pattern as it is written.
        pattern: String,
        /// What the compiler says.
        source: Box<regex::Error>,
    },
    /// A template does not parse.
    #[error("catalogue entry '{entry}': {source}")]
    Template {
        /// The entry.
        entry: String,
        /// What is wrong with it.
        source: TemplateError,
    },
    /// A field holds what it may not hold.
    #[error("catalogue entry '{entry}': {reason}")]
    Invalid {
        /// The entry.
        entry: String,
        /// What is wrong, and the way out.
        reason: String,
    },
    /// The words of all entries make no automaton.
    #[error("the catalogue's words cannot be searched for: {0}")]
    Words(String),
}

/// An entry as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEntry {
    pub(super) id: String,
    pub(super) class: FailureClass,
    pub(super) cause: Option<String>,
    #[serde(default)]
    pub(super) standing: RawStanding,
    pub(super) likelihood: f64,
    /// Literals, at least one of which an utterance must hold (in any case) for the patterns to be tried.
    pub(super) words: Vec<String>,
    /// Patterns, one of which must match; none written: the words are enough.
    #[serde(default)]
    pub(super) any: Vec<String>,
    /// Patterns that must all match the same utterance.
    #[serde(default)]
    pub(super) all: Vec<String>,
    /// Patterns that forbid the utterance.
    #[serde(default)]
    pub(super) none: Vec<String>,
    /// Patterns that some utterance near it must match.
    #[serde(default)]
    pub(super) with: Vec<String>,
    /// Patterns that no utterance near it may match.
    #[serde(default)]
    pub(super) without: Vec<String>,
    /// The lowest severity of a log entry that counts; entries that tell none always count.
    #[serde(default)]
    pub(super) severity: RawSeverity,
    /// Whether errors must follow the utterance.
    #[serde(default)]
    pub(super) errors_follow: bool,
    /// Whether a later success of the same source takes the claim back.
    #[serde(default = "yes")]
    pub(super) recovers: bool,
    /// Patterns whose named groups are details of the same utterance.
    #[serde(default)]
    pub(super) capture: Vec<String>,
    /// Patterns whose named groups are details that any utterance near it may tell.
    #[serde(default)]
    pub(super) context: Vec<String>,
    /// The guilty object: the first choice that names one. `subject`, `kind`, or `kind:{capture}`.
    #[serde(default)]
    pub(super) object: Vec<String>,
    /// Other objects, in the same forms.
    #[serde(default)]
    pub(super) related: Vec<String>,
    pub(super) sentence: String,
    pub(super) explanation: String,
    #[serde(default, rename = "match")]
    pub(super) matches: Vec<String>,
    #[serde(default)]
    pub(super) not_match: Vec<String>,
}

/// `recovers` where it is not written.
fn yes() -> bool {
    true
}

/// The standings that text alone can give.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawStanding {
    Symptom,
    #[default]
    Reported,
}

/// The severity floor; the default leaves out what calls itself harmless.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawSeverity {
    Any,
    #[default]
    Warn,
    Error,
}

/// A compiled entry.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) raw: RawEntry,
    pub(super) standing: Standing,
    pub(super) floor: Severity,
    pub(super) any: Vec<Pattern>,
    pub(super) all: Vec<Pattern>,
    pub(super) none: Vec<Pattern>,
    pub(super) with: Vec<Pattern>,
    pub(super) without: Vec<Pattern>,
    pub(super) capture: Vec<Pattern>,
    pub(super) context: Vec<Pattern>,
    pub(super) object: Vec<ObjectChoice>,
    pub(super) related: Vec<ObjectChoice>,
    pub(super) sentence: Template,
    pub(super) explanation: Template,
}

/// How to choose an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ObjectChoice {
    /// The pod, workload or service that the utterance is about.
    Subject,
    /// The nearest mention of a kind.
    Nearest(Kind),
    /// A kind with a captured name.
    Captured(Kind, String),
}

impl Entry {
    /// Reads an entry. Its patterns are compiled when they are first needed; [`Entry::check`] proves them.
    pub(super) fn read(raw: RawEntry) -> Result<Self, CatalogueError> {
        let id = raw.id.clone();
        let template = |text: &str| {
            Template::parse(text).map_err(|source| CatalogueError::Template {
                entry: id.clone(),
                source,
            })
        };
        Ok(Self {
            standing: match raw.standing {
                RawStanding::Symptom => Standing::Symptom,
                RawStanding::Reported => Standing::Reported,
            },
            floor: match raw.severity {
                RawSeverity::Any => Severity::Trace,
                RawSeverity::Warn => Severity::Warn,
                RawSeverity::Error => Severity::Error,
            },
            any: patterns(&raw.any),
            all: patterns(&raw.all),
            none: patterns(&raw.none),
            with: patterns(&raw.with),
            without: patterns(&raw.without),
            capture: patterns(&raw.capture),
            context: patterns(&raw.context),
            object: choices(&id, &raw.object)?,
            related: choices(&id, &raw.related)?,
            sentence: template(&raw.sentence)?,
            explanation: template(&raw.explanation)?,
            raw,
        })
    }

    /// Every detail that a pattern of the entry captures.
    fn captured_names(&self) -> BTreeSet<String> {
        let lists = [&self.any, &self.all, &self.capture, &self.context];
        lists
            .into_iter()
            .flatten()
            .flat_map(Pattern::names)
            .map(str::to_owned)
            .collect()
    }

    /// Every pattern of the entry.
    fn all_patterns(&self) -> impl Iterator<Item = &Pattern> {
        let lists = [
            &self.any,
            &self.all,
            &self.none,
            &self.with,
            &self.without,
            &self.capture,
            &self.context,
        ];
        lists.into_iter().flatten()
    }

    /// Proves that patterns compile, numbers are in range, examples are there and every slot can be filled.
    /// `context_names` are the details that any entry may use.
    pub(super) fn check(&self, context_names: &BTreeSet<String>) -> Result<(), CatalogueError> {
        prove(&self.raw.id, self.all_patterns())?;
        let invalid = |reason: String| {
            Err(CatalogueError::Invalid {
                entry: self.raw.id.clone(),
                reason,
            })
        };
        if self.raw.words.is_empty() || self.raw.words.iter().any(|word| word.trim().len() < 2) {
            return invalid("it needs words of at least two characters to be found by".to_owned());
        }
        if !(0.0..=1.0).contains(&self.raw.likelihood) {
            return invalid("its likelihood must lie between 0 and 1".to_owned());
        }
        if self.raw.matches.len() < MIN_EXAMPLES || self.raw.not_match.len() < MIN_EXAMPLES {
            return invalid("it needs at least two match and two not_match examples".to_owned());
        }
        let captured = self.captured_names();
        let known =
            |name: &str| matches!(name, "object" | "namespace" | "underlying") || captured.contains(name);
        let mut used = self.sentence.slots();
        used.extend(self.explanation.slots());
        let unknown = used
            .iter()
            .find(|name| !known(name) && !context_names.contains(**name));
        if let Some(name) = unknown {
            return invalid(format!("the slot '{name}' is captured by none of its patterns"));
        }
        for choice in self.object.iter().chain(&self.related) {
            if let ObjectChoice::Captured(_, name) = choice
                && !known(name)
                && !context_names.contains(name)
            {
                return invalid(format!(
                    "the object's name '{name}' is captured by none of its patterns"
                ));
            }
        }
        Ok(())
    }
}

/// Reads patterns.
pub(super) fn patterns(texts: &[String]) -> Vec<Pattern> {
    texts.iter().map(|text| Pattern::new(text)).collect()
}

/// Proves that patterns compile.
pub(super) fn prove<'a>(
    entry: &str,
    patterns: impl Iterator<Item = &'a Pattern>,
) -> Result<(), CatalogueError> {
    for pattern in patterns {
        pattern.check().map_err(|source| CatalogueError::Pattern {
            entry: entry.to_owned(),
            pattern: pattern.text().to_owned(),
            source: Box::new(source),
        })?;
    }
    Ok(())
}

/// Reads the choices of an object.
fn choices(entry: &str, texts: &[String]) -> Result<Vec<ObjectChoice>, CatalogueError> {
    let choice = |text: &String| {
        if text == "subject" {
            return Ok(ObjectChoice::Subject);
        }
        let (kind, name) = match text.split_once(':') {
            Some((kind, name)) => (kind, name.strip_prefix('{').and_then(|it| it.strip_suffix('}'))),
            None => (text.as_str(), None),
        };
        match (Kind::parse(kind), name) {
            (Kind::Other(_), _) => Err(CatalogueError::Invalid {
                entry: entry.to_owned(),
                reason: format!("'{text}' is no object choice: write subject, KIND or KIND:{{capture}}"),
            }),
            (kind, Some(name)) => Ok(ObjectChoice::Captured(kind, name.to_owned())),
            (kind, None) => Ok(ObjectChoice::Nearest(kind)),
        }
    };
    texts.iter().map(choice).collect()
}
