//! Elasticsearch and OpenSearch as a log source: fields found by `_field_caps`, the newest entries of a window, page by page.
//! It does not redact and it stores nothing.

mod answer;
mod client;
mod dialect;
mod document;
mod fields;
mod pages;
mod query;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use kubemedic_ports::{
    clock::Clock,
    log_source::{Fetched, LogQuery, LogSource, LogSourceError},
};
use reqwest::{Method, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use client::{BadConnection, Connection, Credentials};

use client::{Answer, Call, NoAnswer, Servers};
use dialect::Dialect;
use fields::{Discovery, Fields, Overrides};
use pages::Pages;
use query::{NoField, Search};

/// Its name on the wire.
pub const NAME: &str = "elasticsearch";
/// The index pattern where none is configured (CONTRACT.md section 1).
pub const DEFAULT_INDEX: &str = "logs-*-*,logs-*,filebeat-*";

/// How long the pages of one query may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(30);
/// How long closing a point in time may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long found fields are believed: mappings grow when new shippers write.
const FIELDS_KEPT: SignedDuration = SignedDuration::from_mins(10);
/// The most bytes of the answer of `_field_caps` and of `GET /`.
const MAX_CAPS_BYTES: usize = 4 * 1024 * 1024;

/// Why no source can be made.
#[derive(Debug, thiserror::Error)]
pub enum BadElasticsearch {
    /// The servers cannot be called.
    #[error(transparent)]
    Connection(#[from] BadConnection),
    /// The index pattern is none.
    #[error("'{0}' is no index pattern: it must be index names and patterns, separated by commas")]
    Index(String),
    /// The field names are none.
    #[error("{0}")]
    Fields(String),
}

/// A cluster of Elasticsearch or OpenSearch servers.
#[derive(Debug)]
pub struct Elasticsearch {
    servers: Servers,
    index: String,
    /// The index pattern as one encoded segment of a path.
    index_path: String,
    overrides: Overrides,
    clock: Arc<dyn Clock>,
    dialect: Mutex<Option<Dialect>>,
    fields: Mutex<Option<(Timestamp, Arc<Fields>)>>,
}

impl Elasticsearch {
    /// A source over an index pattern; blank is [`DEFAULT_INDEX`]. `fields` names fields by role, such as
    /// `time=ts,message=line`; blank leaves all to discovery.
    ///
    /// # Errors
    /// [`BadElasticsearch`], without secrets.
    pub fn new(
        connection: &Connection,
        index: &str,
        fields: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, BadElasticsearch> {
        let index = Some(index.trim())
            .filter(|it| !it.is_empty())
            .unwrap_or(DEFAULT_INDEX);
        let index_path =
            encoded(index).ok_or_else(|| BadElasticsearch::Index(index.chars().take(200).collect()))?;
        Ok(Self {
            servers: Servers::new(connection)?,
            index: index.to_owned(),
            index_path,
            overrides: fields::overrides(fields).map_err(BadElasticsearch::Fields)?,
            clock,
            dialect: Mutex::default(),
            fields: Mutex::default(),
        })
    }

    /// The server's family and version, asked for once.
    async fn dialect(&self) -> Result<Dialect, LogSourceError> {
        if let Some(known) = kept(&self.dialect) {
            return Ok(known);
        }
        let answer = self.ask(Call::new(Method::GET, "/", MAX_CAPS_BYTES)).await?;
        // A user may be allowed to search and not to see the cluster: then both dialects are tried.
        let found = if answer.status == StatusCode::FORBIDDEN {
            Dialect {
                family: dialect::Family::Other,
                version: "of an unknown version".to_owned(),
            }
        } else {
            let body: Value = self.read(&answer)?;
            Dialect::read(&body, answer.product).ok_or_else(|| {
                self.unavailable("it answers, but is neither Elasticsearch nor OpenSearch".to_owned())
            })?
        };
        *lock(&self.dialect) = Some(found.clone());
        Ok(found)
    }

    /// The fields, from memory or by `_field_caps`; `None` when no index matches the pattern.
    async fn fields(&self, anew: bool) -> Result<Option<Arc<Fields>>, LogSourceError> {
        let now = self.clock.now();
        if let Some((found_at, fields)) = kept(&self.fields)
            && !anew
            && now.duration_since(found_at) < FIELDS_KEPT
        {
            return Ok(Some(fields));
        }
        let path = format!(
            "/{}/_field_caps?fields={}&ignore_unavailable=true&allow_no_indices=true",
            self.index_path,
            fields::wanted(&self.overrides)
        );
        let answer = self.ask(Call::new(Method::GET, path, MAX_CAPS_BYTES)).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let caps: Value = self.read(&answer)?;
        match Discovery::read(&caps, &self.overrides) {
            Discovery::NoIndex => Ok(None),
            Discovery::NoTime => Err(self.unavailable(format!(
                "the indices of '{}' have no field of type date such as @timestamp: set ELASTICSEARCH_INDEX, or ELASTICSEARCH_FIELDS=time=...",
                self.index
            ))),
            Discovery::Fields(fields) => {
                let fields = Arc::new(*fields);
                *lock(&self.fields) = Some((now, fields.clone()));
                Ok(Some(fields))
            }
        }
    }

    /// The search and the fields that it uses; fields that are missing are looked for once more.
    async fn search(&self, query: &LogQuery) -> Result<Option<(Search, Arc<Fields>)>, LogSourceError> {
        let Some(mut fields) = self.fields(false).await? else {
            return Ok(None);
        };
        let now = self.clock.now();
        let mut search = Search::new(query, &fields, now);
        if search.is_err() {
            match self.fields(true).await? {
                None => return Ok(None),
                Some(newer) => fields = newer,
            }
            search = Search::new(query, &fields, now);
        }
        let search = search.map_err(|NoField(what)| {
            self.refused(format!(
                "the indices of '{}' have no field that names the {what}: leave {what} out, or set ELASTICSEARCH_FIELDS={what}=...",
                self.index
            ))
        })?;
        Ok(Some((search, fields)))
    }

    async fn ask(&self, call: Call) -> Result<Answer, LogSourceError> {
        self.servers.call(&call).await.map_err(|why| self.no_answer(why))
    }

    /// Reads a JSON answer; any other status than success is an error.
    fn read<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, LogSourceError> {
        match answer.status {
            status if status.is_success() => serde_json::from_slice(&answer.body)
                .map_err(|error| self.unavailable(format!("its answer is not readable: {error}"))),
            StatusCode::BAD_REQUEST => Err(self.refused(answer::reason(&answer.body))),
            StatusCode::UNAUTHORIZED => Err(self.unavailable(
                "it does not accept the credentials (401): check ELASTICSEARCH_USERNAME and _PASSWORD, _API_KEY or _BEARER_TOKEN".to_owned(),
            )),
            StatusCode::FORBIDDEN => Err(self.unavailable(format!(
                "the credentials may not read '{}' (403): {}",
                self.index,
                answer::reason(&answer.body)
            ))),
            status => Err(self.unavailable(format!(
                "{} answers {status}: {}",
                self.servers.shown(),
                answer::reason(&answer.body)
            ))),
        }
    }

    fn no_answer(&self, why: NoAnswer) -> LogSourceError {
        self.unavailable(match why {
            NoAnswer::Unreachable(why) => why,
            NoAnswer::TooLong => "its answer is too long: ask for fewer entries".to_owned(),
        })
    }

    fn unavailable(&self, reason: String) -> LogSourceError {
        LogSourceError::Unavailable {
            name: self.name().to_owned(),
            reason,
        }
    }

    fn refused(&self, reason: String) -> LogSourceError {
        LogSourceError::Refused {
            name: self.name().to_owned(),
            reason,
        }
    }
}

#[async_trait]
impl LogSource for Elasticsearch {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn fetch(&self, query: &LogQuery) -> Result<Fetched, LogSourceError> {
        let asking = async { Ok((self.dialect().await?, self.search(query).await?)) };
        let asked = tokio::time::timeout(FETCH_TIMEOUT, asking).await;
        let (dialect, found) =
            asked.unwrap_or_else(|_| Err(self.unavailable("it does not answer in time".to_owned())))?;
        let Some((search, fields)) = found else {
            tracing::info!(index = self.index, "no index matches");
            return Ok(Fetched::default());
        };
        Pages::new(self, (query, &fields), search).fetch(&dialect).await
    }

    async fn check(&self) -> Result<String, LogSourceError> {
        let dialect = self.dialect().await?.name();
        let found = self.fields(true).await?;
        let told = found.map_or_else(
            || format!("no index matches '{}' yet", self.index),
            |fields| format!("'{}' has {}", self.index, fields.told()),
        );
        Ok(format!("{} is {dialect}; {told}", self.servers.shown()))
    }
}

/// An index pattern as a segment of a path; `None` when it cannot be one.
fn encoded(index: &str) -> Option<String> {
    let allowed = |c: char| !c.is_whitespace() && !c.is_control() && !"/\\?#\"|".contains(c);
    if !index.chars().all(allowed) {
        return None;
    }
    let mut url = Url::parse("http://host/").ok()?;
    url.path_segments_mut().ok()?.pop().push(index);
    let path = url.path().trim_start_matches('/').to_owned();
    Some(path).filter(|path| !path.is_empty() && !matches!(path.as_str(), "." | ".."))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn kept<T: Clone>(mutex: &Mutex<Option<T>>) -> Option<T> {
    lock(mutex).clone()
}

#[cfg(test)]
mod tests;
