//! Data files to a catalogue. Later files extend earlier ones, and an entry with a known id replaces it:
//! that is how a user's folder will be laid over the built-in files.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use kubemedic_model::log::Severity;
use serde::Deserialize;

use super::{
    context::{ContextFacts, RawFact},
    entry::{CatalogueError, Entry, RawEntry},
};

/// All entries, and the automaton that finds which of them a text may concern.
#[derive(Debug)]
pub(super) struct Catalogue {
    entries: Vec<Entry>,
    /// Finds the words of all entries. It is made for the first text that does not call itself harmless.
    words: OnceLock<Option<AhoCorasick>>,
    /// The words of the entries that harmless utterances concern too: few, where `words` finds something in most lines.
    quiet: AhoCorasick,
    /// The words with the entries of each.
    owners: Vec<(String, Vec<usize>)>,
    context: ContextFacts,
}

/// A data file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    entry: Vec<RawEntry>,
}

/// All built-in data files in one, without the examples.
#[derive(Debug, Deserialize)]
struct Prepared {
    entry: Vec<RawEntry>,
    fact: Vec<RawFact>,
}

impl Catalogue {
    /// Loads files, each a name and its text, in the order of precedence: the last wins.
    /// Files that no test has checked are to be checked with [`Catalogue::check`].
    pub(super) fn load(files: &[(&str, &str)]) -> Result<Self, CatalogueError> {
        let mut entries = Vec::new();
        for (name, text) in files {
            entries.extend(read(name, text)?);
        }
        Self::of(entries, ContextFacts::load()?)
    }

    /// The built-in files, as the build turned them into what is read at once.
    pub(super) fn prepared(json: &str) -> Result<Self, CatalogueError> {
        Self::prepared_with(json, Vec::new())
    }

    /// The built-in files with further entries over them.
    pub(super) fn prepared_with(json: &str, own: Vec<RawEntry>) -> Result<Self, CatalogueError> {
        let mut prepared: Prepared =
            serde_json::from_str(json).map_err(|error| CatalogueError::Unreadable {
                file: "built in".to_owned(),
                reason: error.to_string(),
            })?;
        prepared.entry.extend(own);
        Self::of(prepared.entry, ContextFacts::of(prepared.fact))
    }

    fn of(all: Vec<RawEntry>, context: ContextFacts) -> Result<Self, CatalogueError> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for raw in all {
            let entry = Entry::read(raw)?;
            let place = *places.entry(entry.raw.id.clone()).or_insert(entries.len());
            match entries.get_mut(place) {
                Some(known) => *known = entry,
                None => entries.push(entry),
            }
        }
        Self::index(entries, context)
    }

    /// Proves every entry.
    pub(super) fn check(&self) -> Result<(), CatalogueError> {
        self.all_words()?;
        self.context.check()?;
        let names: BTreeSet<String> = self.context.names();
        self.entries.iter().try_for_each(|entry| entry.check(&names))
    }

    fn index(entries: Vec<Entry>, context: ContextFacts) -> Result<Self, CatalogueError> {
        let mut owners: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, entry) in entries.iter().enumerate() {
            for word in &entry.raw.words {
                owners.entry(word.to_ascii_lowercase()).or_default().push(place);
            }
        }
        let quiet = entries.iter().filter(|entry| entry.floor < Severity::Warn);
        Ok(Self {
            words: OnceLock::new(),
            quiet: automaton(quiet.flat_map(|entry| &entry.raw.words), AhoCorasickKind::DFA)?,
            entries,
            owners: owners.into_iter().collect(),
            context,
        })
    }

    /// The entries, in the order of the files.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry at a place.
    pub(super) fn entry(&self, place: usize) -> Option<&Entry> {
        self.entries.get(place)
    }

    /// The details that any entry may use.
    pub(super) fn context(&self) -> &ContextFacts {
        &self.context
    }

    /// The places of the entries whose words stand in a text that calls itself so grave.
    pub(super) fn candidates(&self, text: &str, severity: Severity) -> BTreeSet<usize> {
        let harmless = severity != Severity::Unknown && severity < Severity::Warn;
        if harmless && !self.quiet.is_match(text) {
            return BTreeSet::new();
        }
        let words = self.words.get_or_init(|| self.all_words().ok());
        words
            .iter()
            .flat_map(|words| words.find_overlapping_iter(text))
            .filter_map(|found| self.owners.get(found.pattern().as_usize()))
            .flat_map(|(_, places)| places)
            .copied()
            .collect()
    }

    /// As a table of states it would be found in faster, but it takes longer to make than most inputs take to read.
    fn all_words(&self) -> Result<AhoCorasick, CatalogueError> {
        automaton(
            self.owners.iter().map(|(word, _)| word),
            AhoCorasickKind::ContiguousNFA,
        )
    }
}

/// Finds words in any case.
fn automaton<W: AsRef<[u8]>>(
    words: impl Iterator<Item = W>,
    kind: AhoCorasickKind,
) -> Result<AhoCorasick, CatalogueError> {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(kind))
        .build(words)
        .map_err(|error| CatalogueError::Words(error.to_string()))
}

/// The entries of one file.
pub(super) fn read(name: &str, text: &str) -> Result<Vec<RawEntry>, CatalogueError> {
    let file: File = toml::from_str(text).map_err(|error| CatalogueError::Unreadable {
        file: name.to_owned(),
        reason: error.to_string(),
    })?;
    Ok(file.entry)
}
