//! Finished records that wait for an earlier one whose end has not been seen. It is bounded.

use super::{MAX_MESSAGE_BYTES, Record};

/// The most records that wait.
const MAX_WAITING: usize = 4096;
/// The most bytes of messages that wait.
const MAX_WAITING_BYTES: usize = 64 * MAX_MESSAGE_BYTES;

/// Records in the order of their first lines.
#[derive(Debug, Default)]
pub(super) struct Waiting<'a> {
    records: Vec<Record<'a>>,
    size_bytes: usize,
}

impl<'a> Waiting<'a> {
    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Whether no more should wait.
    pub(super) fn is_full(&self) -> bool {
        self.records.len() >= MAX_WAITING || self.size_bytes >= MAX_WAITING_BYTES
    }

    /// Adds a record behind those of its own and earlier lines.
    pub(super) fn add(&mut self, record: Record<'a>) {
        self.size_bytes += record.message.len();
        let at = self.records.partition_point(|other| other.line <= record.line);
        self.records.insert(at, record);
    }

    /// Passes on what starts no later than a line.
    pub(super) fn pass(&mut self, line: u64, done: &mut impl FnMut(Record<'a>)) {
        let end = self.records.partition_point(|record| record.line <= line);
        for record in self.records.drain(..end) {
            self.size_bytes = self.size_bytes.saturating_sub(record.message.len());
            done(record);
        }
    }

    /// The same records without their lines.
    pub(super) fn into_owned(self) -> Waiting<'static> {
        Waiting {
            size_bytes: self.size_bytes,
            records: self.records.into_iter().map(Record::into_owned).collect(),
        }
    }
}
