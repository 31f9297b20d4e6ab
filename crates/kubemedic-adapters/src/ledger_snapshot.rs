//! The snapshot of what was learnt as a file of the data folder: replaced by renaming, so that it is never half of one.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use kubemedic_ports::ledger_snapshots::{LedgerSnapshots, SnapshotStoreError};

/// The file below the data folder.
const PATH: &str = "feedback/ledger.snapshot";

/// The snapshot file of a data folder.
#[derive(Debug)]
pub struct SnapshotFile {
    path: PathBuf,
}

impl SnapshotFile {
    /// The file below a data folder. Nothing is touched yet.
    pub fn below(data_dir: &Path) -> Self {
        Self {
            path: data_dir.join(PATH),
        }
    }

    /// Runs file work off the runtime.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, SnapshotStoreError> {
        let path = self.path.clone();
        let done = tokio::task::spawn_blocking(move || work(&path)).await;
        let result = done.unwrap_or_else(|error| Err(io::Error::other(error)));
        result.map_err(|source| SnapshotStoreError {
            path: self.path.display().to_string(),
            source,
        })
    }
}

#[async_trait]
impl LedgerSnapshots for SnapshotFile {
    async fn newest(&self) -> Result<Option<Vec<u8>>, SnapshotStoreError> {
        self.work(|path| match fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    async fn replace(&self, bytes: Vec<u8>) -> Result<(), SnapshotStoreError> {
        self.work(move |path| {
            let fresh = path.with_extension("fresh");
            let written = write(&fresh, &bytes).and_then(|()| fs::rename(&fresh, path));
            if written.is_err() {
                // What did not fit on the disk must not fill it; the error that matters is the first one.
                let _ = fs::remove_file(&fresh);
            }
            written
        })
        .await
    }
}

/// Writes a new file, down to the disk.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}

#[cfg(test)]
mod tests;
