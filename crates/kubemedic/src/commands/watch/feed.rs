//! Where the lines come from: files that are followed, or a search cluster that is asked again and again.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail};
use jiff::Timestamp;
use kubemedic_adapters::logs::files::{Place, follow::Follower};
use kubemedic_ports::{
    clock::Clock,
    log_source::{Fetched, LogQuery, LogSource},
};
use kubemedic_workflow::log_sources::{MAX_LIMIT, by_service};

use crate::{
    cli::{Watch, WatchedSource},
    config::Config,
    wiring,
};

/// New lines by `namespace/pod/container`, or by file.
pub(super) type Batch = BTreeMap<String, Vec<String>>;

/// How long after an entry was written a search may find it, in seconds: shippers send and indices refresh now and then.
const LATE_SECONDS: u32 = 60;

/// A source of lines.
pub(super) enum Feed {
    /// Followed files.
    Files { follower: Follower, name: String },
    /// A search cluster.
    Search(Search),
}

/// A search cluster that is asked again and again; windows overlap, so that what arrives late is seen too.
pub(super) struct Search {
    source: Arc<dyn LogSource>,
    query: LogQuery,
    /// Entries of the last window.
    seen: BTreeSet<String>,
    /// Entries from before the start are no news.
    since: Timestamp,
}

impl Feed {
    /// Opens what the command line names.
    ///
    /// # Errors
    /// When it is not configured, or outside of `LOG_FILES_DIR`.
    pub(super) fn open(arguments: &Watch, config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Self> {
        match arguments.source {
            WatchedSource::Files => {
                let (folder, pattern) = place(arguments.path.as_deref(), config.log_files_dir.as_deref())?;
                let name = match &pattern {
                    Some(pattern) => folder.join(pattern).display().to_string(),
                    None => folder.display().to_string(),
                };
                let follower = Follower::new(folder, pattern.as_deref(), arguments.from_start);
                Ok(Self::Files { follower, name })
            }
            WatchedSource::Elasticsearch => {
                let sources = wiring::log_sources(config, clock)?;
                let source = sources.into_iter().find(|it| it.name() == "elasticsearch");
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "the interval is at most an hour"
                )]
                let interval = arguments.interval.ceil() as u32;
                Ok(Self::Search(Search {
                    source: source
                        .context("log source 'elasticsearch' is not configured: set ELASTICSEARCH_URL")?,
                    query: LogQuery {
                        window_seconds: interval + LATE_SECONDS,
                        filter_pattern: arguments.filter_pattern.clone().unwrap_or_else(|| "*".to_owned()),
                        cluster: None,
                        namespace: arguments.namespace.clone(),
                        limit: MAX_LIMIT,
                    },
                    seen: BTreeSet::new(),
                    since: if arguments.from_start {
                        Timestamp::MIN
                    } else {
                        clock.now()
                    },
                }))
            }
        }
    }

    /// What is watched, for people.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Files { name, .. } => name,
            Self::Search(search) => search.source.name(),
        }
    }

    /// Takes note of what is there already, so that everything after the announcement is news.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(super) fn start(&mut self) -> anyhow::Result<()> {
        if let Self::Files { follower, name } = self {
            follower
                .begin()
                .with_context(|| format!("{name} cannot be read"))?;
        }
        Ok(())
    }

    /// The lines that are new.
    ///
    /// # Errors
    /// When nothing can be read now; the next time it may.
    pub(super) async fn next(&mut self) -> anyhow::Result<Batch> {
        match self {
            Self::Files { follower, name } => {
                let found = follower
                    .look()
                    .with_context(|| format!("{name} cannot be read"))?;
                let mut batch = Batch::new();
                for new in found {
                    batch
                        .entry(service(&new.place, new.file))
                        .or_default()
                        .extend(new.lines);
                }
                Ok(batch)
            }
            Self::Search(search) => search.next().await,
        }
    }
}

impl Search {
    async fn next(&mut self) -> anyhow::Result<Batch> {
        let mut fetched: Fetched = self.source.fetch(&self.query).await?;
        let mut window = BTreeSet::new();
        fetched.entries.retain(|entry| {
            let field = |name: &str| {
                entry
                    .fields
                    .get(name)
                    .map(ToString::to_string)
                    .unwrap_or_default()
            };
            let key = format!("{} {}", field("index"), field("id"));
            let is_news = entry.timestamp.is_none_or(|at| at >= self.since) && !self.seen.contains(&key);
            window.insert(key);
            is_news
        });
        self.seen = window;
        Ok(by_service(fetched))
    }
}

/// The name under which lines are kept; intake knows this form.
fn service(place: &Place, file: String) -> String {
    match (&place.namespace, &place.pod, &place.container) {
        (Some(namespace), Some(pod), Some(container)) => format!("{namespace}/{pod}/{container}"),
        _ => file,
    }
}

/// The folder to follow and the pattern below it. A path is a folder, a file, or a pattern with `*` and `?`.
fn place(path: Option<&str>, allowed: Option<&Path>) -> anyhow::Result<(PathBuf, Option<String>)> {
    let Some(path) = path else {
        let folder = allowed.context("nothing to watch: set LOG_FILES_DIR, or name a folder with --path")?;
        return Ok((folder.to_owned(), None));
    };
    let whole = allowed.map_or_else(|| PathBuf::from(path), |folder| folder.join(path));
    let is_plain = |part: &Path| !part.to_string_lossy().contains(['*', '?']);
    let folder = whole
        .ancestors()
        .find(|part| is_plain(part) && !part.is_file())
        .unwrap_or(&whole);
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let pattern = whole.strip_prefix(folder).unwrap_or(&whole).display().to_string();
    let real = folder
        .canonicalize()
        .with_context(|| format!("{} cannot be read", folder.display()))?;
    if let Some(allowed) = allowed {
        let allowed = allowed
            .canonicalize()
            .with_context(|| format!("LOG_FILES_DIR {} cannot be read", allowed.display()))?;
        if !real.starts_with(&allowed) {
            bail!("--path {path} is not below LOG_FILES_DIR {}", allowed.display());
        }
    }
    Ok((real, Some(pattern).filter(|it| !it.is_empty())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_folder_a_file_or_a_pattern_and_stays_below_the_allowed_folder() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("logs/pods")).unwrap();
        std::fs::write(root.join("logs/a.log"), "").unwrap();
        let allowed = root.join("logs");
        for (path, folder, pattern) in [
            (None, "logs", None),
            (Some("pods"), "logs/pods", None),
            (Some("a.log"), "logs", Some("a.log")),
            (Some("pods/*/app/*.log"), "logs/pods", Some("*/app/*.log")),
            (Some("*.log"), "logs", Some("*.log")),
        ] {
            let found = place(path, Some(&allowed)).unwrap();
            assert_eq!(found, (root.join(folder), pattern.map(str::to_owned)), "{path:?}");
        }
        for outside in ["..", "/", "../other/*.log"] {
            assert!(place(Some(outside), Some(&allowed)).is_err(), "{outside}");
        }
        assert!(
            place(None, None)
                .unwrap_err()
                .to_string()
                .contains("LOG_FILES_DIR")
        );
    }
}
