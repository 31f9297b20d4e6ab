//! Looks at a journal's files before anything opens them for writing: what is damaged, of another program or of a newer version is
//! refused and left as it is. It changes nothing and repairs nothing.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use sqlx::{
    ConnectOptions, Connection, Row, SqliteConnection, migrate::Migrator, sqlite::SqliteConnectOptions,
};

use super::failure::failed;

/// The first bytes of every SQLite file (https://sqlite.org/fileformat2.html, the database header).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// The first bytes of every write-ahead log; the last bit tells the byte order of its checksums (section 4.1 of the same page).
const LOG_MAGIC: u32 = 0x377f_0682;
/// The bytes of a write-ahead log's header that its checksum covers.
const COVERED: usize = 24;
/// The bytes of the whole header.
const LOG_HEADER: usize = 32;
/// The largest file whose every page is looked at: more takes longer than a start should.
const MAX_CHECKED_BYTES: u64 = 2 << 30;
/// The most complaints that are told.
const MAX_COMPLAINTS: usize = 3;

/// The way out of damage.
pub(super) const WAY_OUT: &str = "nothing was changed: move the file away (with its -wal and -shm) to start empty, or put a backup in its place";

/// Why the files cannot be used; the text names what is wrong and the way out.
pub(super) async fn inspect(path: &Path, migrations: &Migrator) -> Result<(), String> {
    let damaged = |what: String| format!("{what}; {WAY_OUT}");
    let size = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error.to_string()),
        Ok(about) if about.is_dir() => return Err("it is a folder: move it away".to_owned()),
        Ok(about) => about.len(),
    };
    let log = with_suffix(path, "-wal");
    let log_size = fs::metadata(&log).map_or(0, |about| about.len());
    if size == 0 {
        return match content_beside(path, &log, log_size) {
            // SQLite would delete the log, and with it what was committed.
            Some(beside) => Err(damaged(format!("it is empty or missing, but {beside} is not"))),
            None => Ok(()),
        };
    }
    let head: Vec<u8> = first_bytes(path, MAGIC.len()).map_err(|error| error.to_string())?;
    if head != MAGIC {
        return Err(damaged(
            "it is damaged, or no SQLite file: its head is not one".to_owned(),
        ));
    }
    let log_head = first_bytes(&log, LOG_HEADER).unwrap_or_default();
    if log_size >= LOG_HEADER as u64 && !is_log_header(&log_head) {
        let log = log.display();
        return Err(damaged(format!("its write-ahead log {log} is damaged")));
    }
    content(path, size, migrations).await.map_err(Problem::told)
}

/// What tells that an empty file had content once.
fn content_beside(path: &Path, log: &Path, log_size: u64) -> Option<String> {
    if log_size > 0 {
        return Some(format!("its write-ahead log {}", log.display()));
    }
    let is_there = path.exists();
    let feedback = path.parent()?.join(crate::feedback::PATH);
    let has_records = fs::metadata(&feedback).is_ok_and(|about| about.len() > 0);
    (is_there && has_records).then(|| feedback.display().to_string())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn first_bytes(path: &Path, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(count as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether these are the first bytes of a write-ahead log. All NUL is one too: nothing of it ever reached the disk.
fn is_log_header(bytes: &[u8]) -> bool {
    let Some((covered, sums)) = bytes.split_at_checked(COVERED) else {
        return true;
    };
    let numbers = |bytes: &[u8], number: fn([u8; 4]) -> u32| -> Vec<u32> {
        bytes
            .chunks_exact(4)
            .filter_map(|it| it.try_into().ok().map(number))
            .collect()
    };
    let magic = numbers(covered, u32::from_be_bytes).first().copied().unwrap_or(0);
    if bytes.iter().all(|byte| *byte == 0) {
        return true;
    }
    let summed = match magic {
        LOG_MAGIC => checksum(&numbers(covered, u32::from_le_bytes)),
        it if it == LOG_MAGIC + 1 => checksum(&numbers(covered, u32::from_be_bytes)),
        _ => return false,
    };
    numbers(sums, u32::from_be_bytes) == [summed.0, summed.1]
}

/// The checksum of section 4.2.
fn checksum(numbers: &[u32]) -> (u32, u32) {
    numbers
        .chunks_exact(2)
        .fold((0_u32, 0_u32), |(first, second), pair| {
            let number = |at: usize| pair.get(at).copied().unwrap_or(0);
            let first = first.wrapping_add(number(0)).wrapping_add(second);
            (first, second.wrapping_add(number(1)).wrapping_add(first))
        })
}

/// What is wrong with a file's content.
pub(super) enum Problem {
    Damaged(String),
    Other(String),
}

impl Problem {
    /// What is wrong and the way out.
    pub(super) fn told(self) -> String {
        match self {
            Self::Damaged(what) => format!("{what}; {WAY_OUT}"),
            Self::Other(what) => what,
        }
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        match failed(error) {
            kubemedic_ports::journal::JournalError::Corrupt { reason } => Self::Damaged(reason),
            other => Self::Other(other.to_string()),
        }
    }
}

/// Looks at the pages and at who wrote them, through a connection that cannot write.
async fn content(path: &Path, size: u64, migrations: &Migrator) -> Result<(), Problem> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut reader = options.connect().await?;
    let looked = look(&mut reader, size, migrations).await;
    let _ = reader.close().await;
    looked
}

async fn look(reader: &mut SqliteConnection, size: u64, migrations: &Migrator) -> Result<(), Problem> {
    if size <= MAX_CHECKED_BYTES {
        let rows = sqlx::query("PRAGMA quick_check(3)")
            .fetch_all(&mut *reader)
            .await?;
        let complaints: Vec<String> = rows.iter().filter_map(|row| row.try_get(0).ok()).collect();
        if complaints.iter().any(|it| it != "ok") {
            let told: Vec<String> = complaints.into_iter().take(MAX_COMPLAINTS).collect();
            return Err(Problem::Damaged(format!(
                "it is damaged: {}",
                told.join("; ").replace('\n', " ")
            )));
        }
    }
    has_tables(reader, migrations).await.map(drop)
}

/// Whether there are tables. Those of another program or of a newer version are refused.
pub(super) async fn has_tables(
    reader: &mut SqliteConnection,
    migrations: &Migrator,
) -> Result<bool, Problem> {
    let tables = sqlx::query("SELECT name FROM sqlite_master WHERE type = 'table'")
        .fetch_all(&mut *reader)
        .await?;
    let names: Vec<String> = tables.iter().filter_map(|row| row.try_get(0).ok()).collect();
    if names.is_empty() {
        return Ok(false);
    }
    if !names.iter().any(|name| name == "_sqlx_migrations") {
        return Err(Problem::Other(
            "it is a database of another program: move it away, or set another DATA_DIR".to_owned(),
        ));
    }
    let newest = sqlx::query("SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations")
        .fetch_one(&mut *reader)
        .await?;
    let newest: i64 = newest.try_get(0)?;
    let known = migrations.iter().map(|it| it.version).max().unwrap_or(0);
    if newest > known {
        return Err(Problem::Other(format!(
            "it was written by a newer kubemedic (its tables are of version {newest}, this one knows {known}): start that version, or put a backup in its place; nothing was changed"
        )));
    }
    Ok(true)
}

#[cfg(test)]
mod tests;
