//! Reads a log that comes in pieces of any size and passes each record on as soon as it is complete. It holds the open
//! record and the unfinished line, so memory does not grow with the input. It reads log lines only, no kubectl output.

mod decode;

use memchr::{memchr, memrchr};

use super::multiline::Joiner;

pub use super::record::Record;
pub use decode::Decoder;

/// The longest line, in bytes; what is longer is read as the lines that it is cut into.
pub const MAX_LINE_BYTES: usize = 32 * 1024 * 1024;

/// Reads the records of one log.
#[derive(Debug, Default)]
pub struct LogStream {
    joiner: Joiner<'static>,
    /// The beginning of the line that is not complete.
    carry: String,
    lines: u64,
}

impl LogStream {
    /// A reader at the beginning of a log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a piece of text, which may end anywhere, and passes on the records that are complete, in order.
    pub fn push(&mut self, chunk: &str, sink: &mut impl FnMut(Record<'_>)) {
        let mut chunk = chunk;
        if !self.carry.is_empty() {
            let end = memchr(b'\n', chunk.as_bytes()).map_or(chunk.len(), |end| end + 1);
            let (head, rest) = chunk.split_at_checked(end).unwrap_or((chunk, ""));
            let mut line = std::mem::take(&mut self.carry);
            line.push_str(head);
            if !line.ends_with('\n') && line.len() < MAX_LINE_BYTES {
                self.carry = line;
                return;
            }
            self.read(&line, sink);
            line.clear();
            self.carry = line;
            chunk = rest;
        }
        let whole = memrchr(b'\n', chunk.as_bytes()).map_or(0, |end| end + 1);
        let (whole, tail) = chunk.split_at_checked(whole).unwrap_or((chunk, ""));
        if !whole.is_empty() {
            self.read(whole, sink);
        }
        self.carry.push_str(tail);
    }

    /// Reads what is left: the log has ended.
    pub fn finish(mut self, sink: &mut impl FnMut(Record<'_>)) {
        let line = std::mem::take(&mut self.carry);
        self.read(&line, sink);
        self.joiner.cut(&mut |record| sink(record));
    }

    /// How many lines were read.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Reads whole lines.
    fn read(&mut self, text: &str, sink: &mut impl FnMut(Record<'_>)) {
        // The state outlives the text, so it borrows from it only within this call.
        let mut joiner: Joiner<'_> = std::mem::take(&mut self.joiner);
        let mut rest = text;
        while !rest.is_empty() {
            let end = memchr(b'\n', rest.as_bytes());
            let (line, next) = match end {
                Some(end) => (rest.get(..end), rest.get(end + 1..)),
                None => (Some(rest), None),
            };
            self.lines += 1;
            joiner.line(self.lines, line.unwrap_or(""), &mut |record| sink(record));
            rest = next.unwrap_or("");
        }
        self.joiner = joiner.into_owned();
    }
}

#[cfg(test)]
mod tests;
