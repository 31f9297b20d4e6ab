//! One search, page after page, in a point in time where the server gives one. Every entry comes once, or the answer says
//! that it is partial.

use kubemedic_ports::log_source::{Fetched, FetchedEntry, LogQuery, LogSourceError};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{
    Elasticsearch,
    answer::{self, Found, Shards},
    client::{Answer, Call, NoAnswer},
    dialect::{self, Dialect, PitDialect},
    document,
    fields::Fields,
    query::Search,
};

/// The most hits of one page.
const PAGE: usize = 1000;
/// The fewest hits of one page, however long they are.
const LEAST_PAGE: usize = 10;
/// The most bytes of one page.
const MAX_PAGE_BYTES: usize = 32 * 1024 * 1024;
/// The most bytes of all messages of one answer.
const MAX_MESSAGE_BYTES: usize = 64 * 1024 * 1024;
/// The most bytes of the answer that opens or closes a point in time.
const MAX_PIT_BYTES: usize = 1024 * 1024;

/// What tells entries of the same time apart, the better first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tiebreak {
    /// The place within the point in time.
    ShardDoc,
    /// Index and id; a server may forbid to sort by ids.
    Id,
    /// Nothing: then all hits are one page.
    Nothing,
}

/// An open point in time.
struct Pit {
    id: String,
    dialect: PitDialect,
}

/// A search under way.
pub(super) struct Pages<'a> {
    source: &'a Elasticsearch,
    query: &'a LogQuery,
    fields: &'a Fields,
    search: Search,
    pit: Option<Pit>,
    fetched: Fetched,
    bytes: usize,
}

/// How a run through the pages ended.
enum Run {
    Complete,
    /// The server does not sort by this tiebreak.
    OtherTiebreak,
}

impl<'a> Pages<'a> {
    pub(super) fn new(
        source: &'a Elasticsearch,
        (query, fields): (&'a LogQuery, &'a Fields),
        search: Search,
    ) -> Self {
        Self {
            source,
            query,
            fields,
            search,
            pit: None,
            fetched: Fetched::default(),
            bytes: 0,
        }
    }

    /// All entries, the oldest first. The point in time is closed however the search ends.
    pub(super) async fn fetch(mut self, dialect: &Dialect) -> Result<Fetched, LogSourceError> {
        let searching = async {
            self.open(dialect).await;
            self.run().await
        };
        let ended = match tokio::time::timeout(super::FETCH_TIMEOUT, searching).await {
            Ok(ended) => ended,
            Err(_) if self.fetched.entries.is_empty() => Err(self.source.unavailable(format!(
                "the search took longer than {} seconds: ask for less",
                super::FETCH_TIMEOUT.as_secs()
            ))),
            Err(_) => {
                self.told("the search took too long".to_owned());
                Ok(())
            }
        };
        self.close().await;
        ended?;
        self.fetched.entries.reverse();
        Ok(self.fetched)
    }

    /// Opens a point in time; a server that refuses is searched without.
    async fn open(&mut self, dialect: &Dialect) {
        for pit in dialect.pit_dialects() {
            let call = Call::new(
                Method::POST,
                pit.open_path(&self.source.index_path),
                MAX_PIT_BYTES,
            );
            let Ok(answer) = self.source.servers.call(&call).await else {
                return;
            };
            let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
            if let (true, Some(id)) = (answer.status.is_success(), pit.id(&body)) {
                self.pit = Some(Pit { id, dialect: *pit });
                let shards = body.get("_shards").cloned().unwrap_or(json!({}));
                let shards = serde_json::from_value::<Shards>(shards).unwrap_or_default();
                shards.partial().into_iter().for_each(|why| self.told(why));
                return;
            }
            tracing::debug!(status = %answer.status, why = answer::reason(&answer.body), "no point in time");
        }
    }

    async fn close(&self) {
        let Some(pit) = &self.pit else {
            return;
        };
        let (path, body) = pit.dialect.close(&pit.id);
        let call = Call::new(Method::DELETE, path, MAX_PIT_BYTES).with(body);
        let closing = self.source.servers.call(&call);
        if !matches!(
            tokio::time::timeout(super::CLOSE_TIMEOUT, closing).await,
            Ok(Ok(_))
        ) {
            tracing::debug!("a point in time was not closed: it ends by itself");
        }
    }

    async fn run(&mut self) -> Result<(), LogSourceError> {
        let mut tiebreak = match &self.pit {
            Some(_) => Tiebreak::ShardDoc,
            None => Tiebreak::Id,
        };
        loop {
            match self.pages(tiebreak).await? {
                Run::Complete => return Ok(()),
                Run::OtherTiebreak => {
                    tiebreak = match tiebreak {
                        Tiebreak::ShardDoc => Tiebreak::Id,
                        Tiebreak::Id | Tiebreak::Nothing => Tiebreak::Nothing,
                    };
                }
            }
        }
    }

    /// Reads page after page until there are enough entries or no more.
    async fn pages(&mut self, tiebreak: Tiebreak) -> Result<Run, LogSourceError> {
        let sort = self.sort(tiebreak);
        let limit = usize::try_from(self.query.limit).unwrap_or(usize::MAX);
        let mut size = match tiebreak {
            Tiebreak::Nothing => limit,
            Tiebreak::ShardDoc | Tiebreak::Id => limit.min(PAGE),
        };
        let mut after: Option<Vec<Value>> = None;
        loop {
            let answer = match self.page(size, &sort, after.as_deref()).await {
                Ok(answer) => answer,
                Err(NoAnswer::TooLong) if size > LEAST_PAGE && tiebreak != Tiebreak::Nothing => {
                    size = (size / 4).max(LEAST_PAGE);
                    continue;
                }
                Err(why) => return Err(self.source.no_answer(why)),
            };
            if answer.status == StatusCode::BAD_REQUEST && after.is_none() && is_about(&answer.body, tiebreak)
            {
                return Ok(Run::OtherTiebreak);
            }
            let found: Found = self.source.read(&answer)?;
            let hits = found.hits.hits.len();
            after = found.hits.hits.last().map(|hit| hit.sort.clone());
            let is_full = self.take(found, limit);
            if is_full
                || hits < size
                || tiebreak == Tiebreak::Nothing
                || after.as_ref().is_none_or(Vec::is_empty)
            {
                return Ok(Run::Complete);
            }
        }
    }

    fn sort(&self, tiebreak: Tiebreak) -> Vec<Value> {
        match (tiebreak, &self.pit) {
            (Tiebreak::ShardDoc, Some(pit)) => pit.dialect.shard_doc(),
            (Tiebreak::Id, _) => vec![json!({"_index": "desc"}), json!({"_id": "desc"})],
            _ => Vec::new(),
        }
    }

    async fn page(&self, size: usize, sort: &[Value], after: Option<&[Value]>) -> Result<Answer, NoAnswer> {
        let mut body = self.search.page(size, sort, after);
        let path = match (&self.pit, body.as_object_mut()) {
            (Some(pit), Some(body)) => {
                body.insert("pit".to_owned(), dialect::pit_clause(&pit.id));
                "/_search".to_owned()
            }
            _ => format!(
                "/{}/_search?ignore_unavailable=true&allow_no_indices=true",
                self.source.index_path
            ),
        };
        let call = Call::new(Method::POST, path, MAX_PAGE_BYTES).with(body);
        self.source.servers.call(&call).await
    }

    /// Takes the hits of a page. Returns whether there is enough.
    fn take(&mut self, found: Found, limit: usize) -> bool {
        found.partial().into_iter().for_each(|why| self.told(why));
        // The id may change from page to page: only the newest is sure to live.
        if let (Some(pit), Some(id)) = (&mut self.pit, found.pit_id) {
            pit.id = id;
        }
        for hit in found.hits.hits {
            let entry = document::entry(hit, self.fields);
            if !self.is_asked_for(&entry) {
                continue;
            }
            self.bytes += entry.message.len();
            if self.bytes > MAX_MESSAGE_BYTES {
                self.told(format!("the newest entries fill {MAX_MESSAGE_BYTES} bytes"));
                return true;
            }
            self.fetched.entries.push(entry);
            if self.fetched.entries.len() >= limit {
                return true;
            }
        }
        false
    }

    /// Whether an entry is of the namespace and cluster asked for, exactly: a search for words finds more.
    fn is_asked_for(&self, entry: &FetchedEntry) -> bool {
        [
            ("namespace", &self.query.namespace),
            ("cluster", &self.query.cluster),
        ]
        .into_iter()
        .all(|(name, wanted)| {
            let found = entry.fields.get(name).and_then(Value::as_str);
            wanted
                .as_deref()
                .is_none_or(|wanted| found.is_none_or(|found| found == wanted))
        })
    }

    fn told(&mut self, why: String) {
        if !self.fetched.partial.contains(&why) {
            self.fetched.partial.push(why);
        }
    }
}

/// Whether a refusal is about the tiebreak and not about what the caller asks for.
fn is_about(body: &[u8], tiebreak: Tiebreak) -> bool {
    let words: &[&str] = match tiebreak {
        Tiebreak::ShardDoc => &["_shard_doc"],
        Tiebreak::Id => &["[_id]", "_id field", "fielddata", "Fielddata", "id_field_data"],
        Tiebreak::Nothing => &[],
    };
    let text = String::from_utf8_lossy(body);
    words.iter().any(|word| text.contains(word))
}
