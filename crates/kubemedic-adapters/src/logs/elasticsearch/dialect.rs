//! Which of the two servers answers, told by `GET /`: they share search, and differ in points in time.

use serde_json::{Value, json};

/// How long a point in time lives after its last use. A client that goes away leaves it to this limit.
const KEEP_ALIVE: &str = "1m";

/// A server's family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// `_pit`.
    Elasticsearch,
    /// `_search/point_in_time`.
    OpenSearch,
    /// It speaks the search API, and neither name is told.
    Other,
}

/// A server's family and version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) family: Family,
    pub(super) version: String,
}

impl Dialect {
    /// Reads the answer of `GET /`; `product` says whether it carried `X-Elastic-Product: Elasticsearch`.
    pub(super) fn read(body: &Value, product: bool) -> Option<Self> {
        let version = body.get("version")?;
        let number = version.get("number")?.as_str()?;
        let tagline = body.get("tagline").and_then(Value::as_str).unwrap_or_default();
        let distribution = version
            .get("distribution")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let family = if distribution == "opensearch" || tagline.contains("OpenSearch") {
            Family::OpenSearch
        } else if product || tagline == "You Know, for Search" {
            Family::Elasticsearch
        } else {
            Family::Other
        };
        Some(Self {
            family,
            version: number.chars().take(40).collect(),
        })
    }

    /// As people call it.
    pub(super) fn name(&self) -> String {
        let family = match self.family {
            Family::Elasticsearch => "Elasticsearch",
            Family::OpenSearch => "OpenSearch",
            Family::Other => "a server of the Elasticsearch API",
        };
        format!("{family} {}", self.version)
    }

    /// The dialects in which a point in time is asked for, the likelier first.
    pub(super) fn pit_dialects(&self) -> &'static [PitDialect] {
        match self.family {
            Family::Elasticsearch => &[PitDialect::Elasticsearch],
            Family::OpenSearch => &[PitDialect::OpenSearch],
            Family::Other => &[PitDialect::Elasticsearch, PitDialect::OpenSearch],
        }
    }
}

/// How a server speaks of points in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PitDialect {
    /// Since 7.10.
    Elasticsearch,
    /// Since 2.4.
    OpenSearch,
}

impl PitDialect {
    /// Where one is opened, with an empty body (Elasticsearch answers 400 to any other).
    pub(super) fn open_path(self, index: &str) -> String {
        let place = match self {
            Self::Elasticsearch => "_pit",
            Self::OpenSearch => "_search/point_in_time",
        };
        format!("/{index}/{place}?keep_alive={KEEP_ALIVE}&ignore_unavailable=true")
    }

    /// The id in the answer.
    pub(super) fn id(self, answer: &Value) -> Option<String> {
        let key = match self {
            Self::Elasticsearch => "id",
            Self::OpenSearch => "pit_id",
        };
        answer.get(key)?.as_str().map(str::to_owned)
    }

    /// Where it is closed, and with which body.
    pub(super) fn close(self, id: &str) -> (&'static str, Value) {
        match self {
            Self::Elasticsearch => ("/_pit", json!({ "id": id })),
            Self::OpenSearch => ("/_search/point_in_time", json!({ "pit_id": [id] })),
        }
    }

    /// Sorts that tell entries of the same time apart. Elasticsearch's `_shard_doc` is unique within the point in time;
    /// OpenSearch's (since 3.3) only within an index.
    pub(super) fn shard_doc(self) -> Vec<Value> {
        let shard_doc = json!({"_shard_doc": "desc"});
        match self {
            Self::Elasticsearch => vec![shard_doc],
            Self::OpenSearch => vec![json!({"_index": "desc"}), shard_doc],
        }
    }
}

/// The part of a search that names the point in time.
pub(super) fn pit_clause(id: &str) -> Value {
    json!({"id": id, "keep_alive": KEEP_ALIVE})
}
