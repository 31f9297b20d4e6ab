//! A log query as a search: the window on the time field, the Lucene pattern, the names asked for, newest first.

use jiff::{SignedDuration, Timestamp};
use kubemedic_ports::log_source::LogQuery;
use serde_json::{Value, json};

use super::fields::{Fields, Role, TimeKind};

/// How far after now an entry may lie: clocks of nodes differ a little, and what lies further ahead would hide all others.
const AHEAD: SignedDuration = SignedDuration::from_secs(60);
/// How long a search may take on the server.
const SEARCH_TIMEOUT: &str = "15s";

/// Why a query cannot be asked of these fields.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoField(pub(super) &'static str);

/// What every page of a search has in common.
#[derive(Debug)]
pub(super) struct Search {
    query: Value,
    time_sort: Value,
}

impl Search {
    /// The search for a query as of a time. The window is made of absolute times, so that each page asks for the same one.
    pub(super) fn new(query: &LogQuery, fields: &Fields, now: Timestamp) -> Result<Self, NoField> {
        let window = SignedDuration::from_secs(query.window_seconds.into());
        let since = now.saturating_sub(window).unwrap_or(Timestamp::MIN);
        let until = now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX);
        let time = &fields.time;
        let mut filter = vec![json!({"range": {time: {
            "gte": since.as_millisecond(),
            "lte": until.as_millisecond(),
            "format": "epoch_millis",
        }}})];
        let pattern = query.filter_pattern.trim();
        if !matches!(pattern, "" | "*" | "*:*") {
            filter.push(json!({"query_string": {
                "query": pattern,
                "allow_leading_wildcard": true,
                "analyze_wildcard": true,
                "lenient": true,
            }}));
        }
        for (role, name, told) in [
            (Role::Namespace, &query.namespace, "namespace"),
            (Role::Cluster, &query.cluster, "cluster"),
        ] {
            if let Some(name) = name {
                filter.push(fields.name_filter(role, name).ok_or(NoField(told))?);
            }
        }
        Ok(Self {
            query: json!({"bool": {"filter": filter}}),
            time_sort: time_sort(fields),
        })
    }

    /// One page: at most `size` hits in the order of time and tiebreak, after the sort values of the last one.
    pub(super) fn page(&self, size: usize, tiebreak: &[Value], after: Option<&[Value]>) -> Value {
        let mut sort = vec![self.time_sort.clone()];
        sort.extend_from_slice(tiebreak);
        let mut body = json!({
            "size": size,
            "query": self.query,
            "sort": sort,
            "track_total_hits": false,
            "timeout": SEARCH_TIMEOUT,
        });
        if let (Some(after), Some(object)) = (after, body.as_object_mut()) {
            object.insert("search_after".to_owned(), json!(after));
        }
        body
    }
}

fn time_sort(fields: &Fields) -> Value {
    let time = &fields.time;
    match fields.time_kind {
        TimeKind::Mixed => {
            json!({time: {"order": "desc", "unmapped_type": "date", "numeric_type": "date_nanos"}})
        }
        TimeKind::Milliseconds => json!({time: {"order": "desc", "unmapped_type": "date"}}),
        TimeKind::Nanoseconds => json!({time: {"order": "desc", "unmapped_type": "date_nanos"}}),
    }
}
