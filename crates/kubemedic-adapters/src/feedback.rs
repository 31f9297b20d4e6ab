//! The contract's feedback file: JSON lines, append-only, safe against a torn last line.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use kubemedic_model::feedback::FeedbackRecord;
use kubemedic_ports::feedback_file::{FeedbackFile, FeedbackFileError};
use serde::Deserialize;
use tokio::sync::Mutex;

/// The file below the data folder.
pub(crate) const PATH: &str = "feedback/remediation_feedback.jsonl";

/// The feedback file of a data folder.
#[derive(Debug)]
pub struct JsonLinesFeedbackFile {
    path: PathBuf,
    // One line is written at a time; the lock is held inside blocking code only.
    writing: Mutex<()>,
}

impl JsonLinesFeedbackFile {
    /// The file below a data folder. Nothing is touched yet.
    pub fn below(data_dir: &Path) -> Self {
        Self {
            path: data_dir.join(PATH),
            writing: Mutex::new(()),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs file work off the runtime, one piece at a time.
    async fn write(
        &self,
        work: impl FnOnce(&Path) -> io::Result<()> + Send + 'static,
    ) -> Result<(), FeedbackFileError> {
        let _one_at_a_time = self.writing.lock().await;
        let path = self.path.clone();
        let done = tokio::task::spawn_blocking(move || work(&path)).await;
        let result = done.unwrap_or_else(|error| Err(io::Error::other(error)));
        result.map_err(|source| FeedbackFileError {
            path: self.path.display().to_string(),
            source,
        })
    }
}

/// What a line must have to count as the state of a record.
#[derive(Deserialize)]
struct LineState {
    feedback_id: String,
    #[serde(default)]
    sequence: u64,
}

/// A record as a line.
fn line(record: &FeedbackRecord) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(record)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Opens the file for appending, made with its folder where it is missing.
fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Appends lines whole or not at all: what does not fit on a full disk leaves no half of a line.
fn append_whole(file: &mut File, path: &Path, bytes: &[u8]) -> io::Result<()> {
    cut_torn_tail(file, path)?;
    let before = file.metadata()?.len();
    let written = file.write_all(bytes).and_then(|()| file.sync_data());
    if written.is_err() {
        file.set_len(before)?;
    }
    written
}

/// Cuts what stands after the last newline: a line that was torn when the process ended or the disk was full.
fn cut_torn_tail(file: &mut File, path: &Path) -> io::Result<()> {
    let length = file.metadata()?.len();
    let mut end = length;
    let mut byte = [0_u8; 1];
    while end > 0 {
        file.seek(SeekFrom::Start(end - 1))?;
        file.read_exact(&mut byte)?;
        if byte == *b"\n" {
            break;
        }
        end -= 1;
    }
    if end < length {
        tracing::warn!(path = %path.display(), bytes = length - end, "cut a torn last line; the journal has its content");
        file.set_len(end)?;
    }
    Ok(())
}

/// The newest state that the file has of each record.
fn states(path: &Path) -> io::Result<BTreeMap<String, u64>> {
    let mut states = BTreeMap::new();
    for text in BufReader::new(File::open(path)?).split(b'\n') {
        if let Ok(state) = serde_json::from_slice::<LineState>(&text?) {
            states.insert(state.feedback_id, state.sequence);
        }
    }
    Ok(states)
}

#[async_trait]
impl FeedbackFile for JsonLinesFeedbackFile {
    async fn reconcile(&self, records: &[FeedbackRecord]) -> Result<(), FeedbackFileError> {
        let records = records.to_vec();
        self.write(move |path| {
            let mut file = open(path)?;
            cut_torn_tail(&mut file, path)?;
            let known = states(path)?;
            let mut missing = Vec::new();
            for record in records
                .iter()
                .filter(|it| known.get(it.feedback_id.as_str()) != Some(&it.sequence))
            {
                missing.extend(line(record)?);
            }
            append_whole(&mut file, path, &missing)
        })
        .await
    }

    async fn append(&self, records: &[FeedbackRecord]) -> Result<(), FeedbackFileError> {
        let lines: io::Result<Vec<Vec<u8>>> = records.iter().map(line).collect();
        self.write(move |path| append_whole(&mut open(path)?, path, &lines?.concat()))
            .await
    }
}

#[cfg(test)]
mod tests;
