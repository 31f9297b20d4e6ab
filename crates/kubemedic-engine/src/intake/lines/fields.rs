//! The fields of an entry beside message, time and severity. They are read from the line only where somebody wants them.

use std::collections::BTreeMap;

use super::{access::Request, json, klog, lead::Lead, logfmt, text};

/// Where the fields of an entry stand.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::intake) enum Fields<'a> {
    /// There are none.
    #[default]
    None,
    /// In a JSON object.
    Json(&'a str),
    /// In a line of pairs.
    Pairs(&'a str),
    /// In a klog line: who logged it, and the pairs after the message.
    Klog {
        /// What stands before the bracket; file and line of the source are its last word.
        head: &'a str,
        /// The pairs.
        pairs: &'a str,
    },
    /// In a line of words: a request, and pairs within the message.
    Words {
        /// The request of an access log.
        request: Option<Request<'a>>,
        /// The columns before the message.
        lead: Option<Lead<'a>>,
        /// The text that may hold pairs.
        pairs: &'a str,
    },
    /// Columns of a fixed form; an empty name is none.
    Named([(&'static str, &'a str); 3]),
    /// They were read.
    Read(BTreeMap<String, String>),
}

impl Fields<'_> {
    /// The fields by name.
    pub(in crate::intake) fn into_map(self) -> BTreeMap<String, String> {
        match self {
            Self::None => BTreeMap::new(),
            Self::Json(object) => json::fields(object),
            Self::Pairs(line) => logfmt::fields(line),
            Self::Klog { head, pairs } => klog::fields(head, pairs),
            Self::Words { request, lead, pairs } => text::fields(request, lead, pairs),
            Self::Named(columns) => columns
                .into_iter()
                .filter(|(name, _)| !name.is_empty())
                .map(|(name, value)| (name.to_owned(), super::bounded(value)))
                .collect(),
            Self::Read(fields) => fields,
        }
    }

    /// The same fields without the line.
    pub(in crate::intake) fn into_owned(self) -> Fields<'static> {
        match self {
            Self::None => Fields::None,
            other => Fields::Read(other.into_map()),
        }
    }
}
