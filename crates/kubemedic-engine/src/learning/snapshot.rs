//! A ledger as bytes, so that a start need not fold the whole journal. The journal alone is the truth: a snapshot that another
//! program wrote, of other constants, of another journal or with a wrong byte is refused, and the journal is folded instead.

use kubemedic_model::feedback::RecordedFeedback;
use serde::{Deserialize, Serialize};

use super::{Ledger, ranker::Hyper};

/// The sources of this module, in a digest.
const SOURCES: &str = env!("LEARNING_SOURCES");

/// Why a snapshot is of no use.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// It is cut, changed, or no snapshot.
    #[error("the snapshot is damaged: {0}")]
    Damaged(String),
    /// Another version of the program wrote it.
    #[error("the snapshot was written by another version of the program")]
    OtherProgram,
    /// The constants of learning were others.
    #[error("the snapshot was written with other settings of learning")]
    OtherConstants,
    /// The journal does not have the event that was its newest one.
    #[error("the snapshot is of another journal")]
    OtherJournal,
}

/// What a snapshot tells of itself: its first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    /// The program.
    sources: String,
    /// The constants.
    hyper: String,
    /// The number of the newest event in it.
    sequence: u64,
    /// That event's digest.
    newest: String,
    /// The digest of what follows.
    body: String,
}

/// Bytes that claim to be a snapshot.
#[derive(Debug)]
pub struct Snapshot<'a> {
    header: Header,
    body: &'a [u8],
}

impl<'a> Snapshot<'a> {
    /// Reads what a snapshot tells of itself.
    ///
    /// # Errors
    /// [`SnapshotError`] where this program cannot continue it.
    pub fn read(bytes: &'a [u8]) -> Result<Self, SnapshotError> {
        let end = bytes.iter().position(|it| *it == b'\n');
        let (head, body) = end
            .and_then(|end| bytes.split_at_checked(end + 1))
            .ok_or_else(|| SnapshotError::Damaged("it has no first line".to_owned()))?;
        let header: Header = serde_json::from_slice(head).map_err(damaged)?;
        if header.sources != SOURCES {
            return Err(SnapshotError::OtherProgram);
        }
        Ok(Self { header, body })
    }

    /// The number of the newest event in it.
    pub fn sequence(&self) -> u64 {
        self.header.sequence
    }

    /// The ledger. `newest` is the journal's event of that number.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn open(&self, hyper: &Hyper, newest: Option<&RecordedFeedback>) -> Result<Ledger, SnapshotError> {
        if self.header.hyper != hyper.hash() {
            return Err(SnapshotError::OtherConstants);
        }
        if newest.map(digest).as_ref() != Some(&self.header.newest) {
            return Err(SnapshotError::OtherJournal);
        }
        if blake3::hash(self.body).to_hex().as_str() != self.header.body {
            return Err(SnapshotError::Damaged("its digest is another one".to_owned()));
        }
        serde_json::from_slice(self.body).map_err(damaged)
    }
}

/// A ledger as bytes. `newest` is the newest event that was folded into it.
///
/// # Errors
/// [`SnapshotError::OtherJournal`] where `newest` is none of the ledger's, [`SnapshotError::Damaged`] where it cannot be written.
pub fn snapshot(ledger: &Ledger, newest: &RecordedFeedback) -> Result<Vec<u8>, SnapshotError> {
    if newest.sequence != ledger.sequence() {
        return Err(SnapshotError::OtherJournal);
    }
    let body = serde_json::to_vec(ledger).map_err(damaged)?;
    let header = Header {
        sources: SOURCES.to_owned(),
        hyper: ledger.ranker().hyper().hash(),
        sequence: ledger.sequence(),
        newest: digest(newest),
        body: blake3::hash(&body).to_hex().to_string(),
    };
    let mut bytes = serde_json::to_vec(&header).map_err(damaged)?;
    bytes.push(b'\n');
    bytes.extend(body);
    Ok(bytes)
}

fn digest(event: &RecordedFeedback) -> String {
    let text = serde_json::to_vec(event).unwrap_or_default();
    blake3::hash(&text).to_hex().to_string()
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err wants")]
fn damaged(error: serde_json::Error) -> SnapshotError {
    SnapshotError::Damaged(error.to_string())
}

#[cfg(test)]
mod tests;
