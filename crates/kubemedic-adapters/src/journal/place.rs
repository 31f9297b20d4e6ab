//! Where the journal's file is on the disk: whether it is still the one that was opened, and whether there is room for more.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use kubemedic_ports::journal::JournalError;

/// The room that must be there again after a write failed: enough for an ordinary input with its events.
const ROOM_BYTES: usize = 1024 * 1024;
/// The file that takes the room for a moment.
const PROBE: &str = ".kubemedic-room";

/// The place of an open journal.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    identity: Option<(u64, u64)>,
    /// The last write did not fit or could not be made.
    failed: AtomicBool,
}

impl Place {
    /// The place of a file that was just opened.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            identity: identity(path)?,
            failed: AtomicBool::new(false),
        })
    }

    /// Fails when the file was moved or deleted: what would be written from now on would be lost with the process.
    pub(super) fn is_still_there(&self) -> Result<(), JournalError> {
        if identity(&self.path).is_ok_and(|now| now == self.identity) {
            return Ok(());
        }
        let path = self.path.display();
        let reason = format!(
            "{path} was moved, replaced or deleted while it was in use: put it back, or restart to begin with what is there"
        );
        Err(JournalError::Unavailable { reason })
    }

    /// Remembers how the last write ended.
    pub(super) fn note(&self, error: Option<&JournalError>) {
        let failed = matches!(error, Some(JournalError::Unavailable { .. }));
        self.failed.store(failed, Ordering::Relaxed);
    }

    /// Fails when a write failed and there is still no room: a small write alone may fit where an input does not.
    pub(super) async fn has_room(&self) -> Result<(), JournalError> {
        if !self.failed.load(Ordering::Relaxed) {
            return Ok(());
        }
        let probe = self.path.with_file_name(PROBE);
        let work = tokio::task::spawn_blocking(move || {
            let written =
                fs::write(&probe, vec![0; ROOM_BYTES]).and_then(|()| fs::File::open(&probe)?.sync_all());
            let _ = fs::remove_file(&probe);
            written
        });
        match work.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(JournalError::Unavailable {
                reason: format!(
                    "DATA_DIR cannot be written: make room; work then goes on by itself ({error})"
                ),
            }),
            Err(error) => Err(JournalError::Unavailable {
                reason: error.to_string(),
            }),
        }
    }
}

/// What tells a file from another of the same name, where the system has such a thing.
#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Option<(u64, u64)>> {
    use std::os::unix::fs::MetadataExt;
    let about = fs::metadata(path)?;
    Ok(Some((about.dev(), about.ino())))
}

/// What tells a file from another of the same name, where the system has such a thing.
#[cfg(not(unix))]
fn identity(path: &Path) -> io::Result<Option<(u64, u64)>> {
    fs::metadata(path).map(|_| None)
}
