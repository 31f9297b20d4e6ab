//! The data folder: made with private permissions, and held by one process at a time.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

/// How often a held lock is asked for before the folder counts as in use. A process that is killed while it starts kubectl leaves
/// the lock (and its ports) for a moment to a child that has not become kubectl yet; found by the crash loop.
const LOCK_TRIES: u32 = 20;
/// The wait between two tries: two seconds in all, far longer than the start of a program takes.
const LOCK_WAIT: Duration = Duration::from_millis(100);

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// It cannot be made or written.
    #[error(
        "DATA_DIR {path} cannot be used: make it a folder that this user may write, or set another DATA_DIR"
    )]
    Unusable {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another process holds it.
    #[error("DATA_DIR {path} is in use by another kubemedic{holder}: stop it, or set another DATA_DIR")]
    InUse {
        /// The folder.
        path: PathBuf,
        /// Who, where the lock file tells.
        holder: String,
    },
}

/// The data folder of this process. The lock ends with the process, however it ends.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the folder where it is missing and takes its lock.
    ///
    /// # Errors
    /// [`DataDirError`].
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        let unusable = |path: &Path| {
            let path = path.to_owned();
            move |source| DataDirError::Unusable { path, source }
        };
        create_private(path).map_err(unusable(path))?;
        let lock_path = path.join("kubemedic.lock");
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock_path)
            .map_err(unusable(&lock_path))?;
        match take(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(DataDirError::InUse {
                    path: path.to_owned(),
                    holder: holder(&lock_path),
                });
            }
            Err(TryLockError::Error(source)) => {
                return Err(DataDirError::Unusable {
                    path: lock_path,
                    source,
                });
            }
        }
        lock.set_len(0).map_err(unusable(&lock_path))?;
        writeln!(lock, "{}", std::process::id()).map_err(unusable(&lock_path))?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Takes the lock, or finds that it stays held.
fn take(lock: &File) -> Result<(), TryLockError> {
    for _ in 1..LOCK_TRIES {
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_WAIT),
            other => return other,
        }
    }
    lock.try_lock()
}

/// Makes a folder and its parents; nobody but the owner may look inside.
fn create_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// Who holds the lock, as a clause of a sentence.
fn holder(lock_path: &Path) -> String {
    let process = fs::read_to_string(lock_path).unwrap_or_default();
    let process = process.trim();
    if process.is_empty() {
        String::new()
    } else {
        format!(" (process {process})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_and_told_who_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        let first = DataDir::open(&path).unwrap();
        let refused = DataDir::open(&path).unwrap_err().to_string();
        assert!(
            refused.contains(&format!("process {}", std::process::id())),
            "{refused}"
        );
        drop(first);
        DataDir::open(&path).unwrap();
    }

    #[test]
    fn a_lock_that_is_given_up_while_it_is_asked_for_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let first = DataDir::open(folder.path()).unwrap();
        // Whoever asks is inside its tries when the other end of the channel goes.
        let (asks, asked) = std::sync::mpsc::channel::<()>();
        let path = folder.path().to_owned();
        let second = std::thread::spawn(move || {
            drop(asks);
            DataDir::open(&path).map(drop)
        });
        assert!(asked.recv().is_err());
        drop(first);
        second.join().unwrap().unwrap();
    }
}
