//! A user's own entries over the built-in ones: read, bounded and proven before anything is diagnosed with them.
//! Where the files come from is the caller's matter.

use std::collections::{BTreeMap, BTreeSet};

use kubemedic_model::evidence_object::WorkflowInput;

use super::{
    PREPARED, claims,
    entry::{CatalogueError, Entry, RawEntry},
    load::{self, Catalogue},
    matches,
};
use crate::{analysis::mentions::Mentions, intake};

/// The most entries of all files together.
const MAX_ENTRIES: usize = 1000;
/// The longest pattern, in bytes.
const MAX_PATTERN_TEXT: usize = 4096;
/// The most bytes that one compiled pattern of a user may take.
const MAX_COMPILED_BYTES: usize = 1 << 20;

/// Why a user's file is refused.
#[derive(Debug, thiserror::Error)]
pub enum ExtensionError {
    /// An entry of a file is not usable.
    #[error("{file}: {problem}")]
    File {
        /// The file.
        file: String,
        /// The entry and what is wrong with it.
        problem: String,
    },
    /// The files hold more than is read.
    #[error("the files hold more than {MAX_ENTRIES} entries: leave out what is not needed")]
    TooMany,
    /// A catalogue is in use already.
    #[error("another catalogue is in use already: it is chosen once, at the start")]
    InUse,
}

/// The built-in entries with a user's over them.
#[derive(Debug)]
pub struct Extension {
    pub(super) catalogue: Catalogue,
    added: usize,
}

impl Extension {
    /// Reads files, each a name and its TOML. An entry with a known id replaces the built-in one, others are added.
    ///
    /// # Errors
    /// [`ExtensionError`] that names the file, the entry and what is wrong with it.
    pub fn read(files: &[(String, String)]) -> Result<Self, ExtensionError> {
        let mut homes: BTreeMap<String, &str> = BTreeMap::new();
        let mut own: Vec<RawEntry> = Vec::new();
        for (file, text) in files {
            let wrong = |problem: String| ExtensionError::File {
                file: file.clone(),
                problem,
            };
            for raw in load::read(file, text).map_err(|error| wrong(error.to_string()))? {
                if let Some(other) = homes.insert(raw.id.clone(), file) {
                    return Err(wrong(format!(
                        "catalogue entry '{}': it stands in {other} too",
                        raw.id
                    )));
                }
                bounded(&raw).map_err(wrong)?;
                Entry::read(raw.clone()).map_err(|error| wrong(error.to_string()))?;
                own.push(raw);
                if own.len() > MAX_ENTRIES {
                    return Err(ExtensionError::TooMany);
                }
            }
        }
        let built_in = |error: CatalogueError| ExtensionError::File {
            file: "built in".to_owned(),
            problem: error.to_string(),
        };
        let catalogue = Catalogue::prepared_with(PREPARED, own).map_err(built_in)?;
        let extension = Self {
            catalogue,
            added: homes.len(),
        };
        extension.check(&homes)?;
        Ok(extension)
    }

    /// How many entries the files hold.
    pub fn added(&self) -> usize {
        self.added
    }

    /// Proves every entry of the files, also on its own examples.
    fn check(&self, homes: &BTreeMap<String, &str>) -> Result<(), ExtensionError> {
        let names: BTreeSet<String> = self.catalogue.context().names();
        for entry in self.catalogue.entries() {
            let Some(file) = homes.get(&entry.raw.id) else {
                continue;
            };
            let problem = entry
                .check(&names)
                .map_err(|error| error.to_string())
                .and_then(|()| self.examples_hold(entry));
            problem.map_err(|problem| ExtensionError::File {
                file: (*file).to_owned(),
                problem,
            })?;
        }
        Ok(())
    }

    fn examples_hold(&self, entry: &Entry) -> Result<(), String> {
        let id = &entry.raw.id;
        let finds = |text: &String| {
            let intake = intake::read(&WorkflowInput::Text(text.clone()));
            let mentions = Mentions::read(&intake);
            let found = claims(&self.catalogue, matches(&self.catalogue, &intake), &mentions);
            found.iter().any(|(found, _)| found == id)
        };
        if let Some(missed) = entry.raw.matches.iter().find(|text| !finds(text)) {
            return Err(format!(
                "catalogue entry '{id}': it does not find its match example {missed:?}"
            ));
        }
        if let Some(found) = entry.raw.not_match.iter().find(|text| finds(text)) {
            return Err(format!(
                "catalogue entry '{id}': it finds its not_match example {found:?}"
            ));
        }
        Ok(())
    }
}

/// Patterns of a user are short, and small when compiled.
fn bounded(raw: &RawEntry) -> Result<(), String> {
    let lists = [
        &raw.any,
        &raw.all,
        &raw.none,
        &raw.with,
        &raw.without,
        &raw.capture,
        &raw.context,
    ];
    for text in lists.into_iter().flatten() {
        if text.len() > MAX_PATTERN_TEXT {
            return Err(format!(
                "catalogue entry '{}': a pattern has {} bytes, and may have {MAX_PATTERN_TEXT}",
                raw.id,
                text.len()
            ));
        }
        super::pattern::Pattern::new(text)
            .check_within(MAX_COMPILED_BYTES)
            .map_err(|error| {
                format!(
                    "catalogue entry '{}': the pattern '{text}' does not compile: {error}",
                    raw.id
                )
            })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
