//! The fields of an entry beside message, time and severity. They are read from the line only where somebody wants them.

use std::collections::BTreeMap;

use super::{access::Request, json, klog, logfmt, text};

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
        /// File and line of the source.
        caller: Option<&'a str>,
        /// The pairs.
        pairs: &'a str,
    },
    /// In a line of words: a request, and pairs within the message.
    Words {
        /// The request of an access log.
        request: Option<Request<'a>>,
        /// The text that may hold pairs.
        pairs: &'a str,
    },
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
            Self::Klog { caller, pairs } => klog::fields(caller, pairs),
            Self::Words { request, pairs } => text::fields(request, pairs),
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
