//! Files and folders below one folder as a log source, and as something to follow. Nothing outside of that folder is read.

mod backwards;
mod filter;
pub mod follow;
mod line_time;
mod newest;
mod place;
mod tree;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use jiff::SignedDuration;
use kubemedic_ports::{
    clock::Clock,
    log_source::{Fetched, LogQuery, LogSource, LogSourceError},
};

pub use place::Place;

use newest::Wanted;

/// Its name on the wire.
pub const NAME: &str = "files";

/// The files below a folder.
#[derive(Debug)]
pub struct LogFiles {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
}

impl LogFiles {
    /// A source over a folder, which may come to be later.
    pub fn new(folder: PathBuf, clock: Arc<dyn Clock>) -> Self {
        Self { folder, clock }
    }
}

#[async_trait]
impl LogSource for LogFiles {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn fetch(&self, query: &LogQuery) -> Result<Fetched, LogSourceError> {
        if query.cluster.is_some() {
            let reason = "files do not tell their cluster: leave cluster out";
            return Err(refused(reason.to_owned()));
        }
        let now = self.clock.now();
        let window = SignedDuration::from_secs(query.window_seconds.into());
        let wanted = Wanted {
            filter: filter::parse(&query.filter_pattern).map_err(refused)?,
            namespace: query.namespace.clone(),
            since: now.saturating_sub(window).unwrap_or(jiff::Timestamp::MIN),
            now,
            limit: usize::try_from(query.limit).unwrap_or(usize::MAX),
            clock: self.clock.clone(),
        };
        let folder = self.folder.clone();
        off_runtime(move || read(&folder, &wanted)).await
    }

    async fn check(&self) -> Result<String, LogSourceError> {
        let folder = self.folder.clone();
        off_runtime(move || {
            let tree = listed(&folder)?;
            let refused = match tree.refused_links {
                0 => String::new(),
                count => format!("; {count} links lead out of it and are not followed"),
            };
            Ok(format!(
                "{} files below {}{refused}",
                tree.files.len(),
                folder.display()
            ))
        })
        .await
    }
}

/// Works on a thread of its own.
async fn off_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LogSourceError> + Send + 'static,
) -> Result<T, LogSourceError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(unavailable(format!("the reading of files ended early: {error}"))))
}

fn read(folder: &Path, wanted: &Wanted) -> Result<Fetched, LogSourceError> {
    let tree = listed(folder)?;
    let tells_namespace = tree.files.iter().any(|file| file.place.namespace.is_some());
    if wanted.namespace.is_some() && !tells_namespace && !tree.files.is_empty() {
        return Err(refused(format!(
            "no file below {} tells its namespace by its path, as those of /var/log/pods do: leave namespace out",
            folder.display()
        )));
    }
    let mut fetched = newest::newest(tree.files, wanted);
    if tree.is_cut {
        fetched
            .partial
            .push("there are more files than are looked at".to_owned());
    }
    if tree.refused_links > 0 {
        let told = format!("{} links lead out of the folder", tree.refused_links);
        fetched.partial.push(told);
    }
    Ok(fetched)
}

fn listed(folder: &Path) -> Result<tree::Tree, LogSourceError> {
    tree::list(folder).map_err(|error| {
        unavailable(format!(
            "{} cannot be read ({error}): check LOG_FILES_DIR",
            folder.display()
        ))
    })
}

fn unavailable(reason: String) -> LogSourceError {
    LogSourceError::Unavailable {
        name: NAME.to_owned(),
        reason,
    }
}

fn refused(reason: String) -> LogSourceError {
    LogSourceError::Refused {
        name: NAME.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests;
