//! The lines of a file from its end, block by block, so that the newest lines of a large file cost no more than they are.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

/// How much is read at a time.
const BLOCK: u64 = 64 * 1024;
/// The longest line, in bytes: of a longer one the beginning is kept.
pub(super) const MAX_LINE: usize = 1024 * 1024;

/// A file that is read backwards.
pub(super) struct Backwards<R = File> {
    file: R,
    /// Where the part that was not read yet ends.
    end: u64,
    /// What was read and not given, from the start of a line on.
    block: Vec<u8>,
    /// The pieces of the line whose start was not found yet, in order.
    pieces: VecDeque<Vec<u8>>,
    held: usize,
    /// Bytes read so far.
    read: u64,
    /// Nothing was found yet: a line end at the end of the file starts no line.
    is_fresh: bool,
    /// The first line of the file was given.
    is_done: bool,
}

impl<R: Read + Seek> Backwards<R> {
    /// Starts at the file's end as it is now.
    pub(super) fn new(mut file: R) -> io::Result<Self> {
        let end = file.seek(SeekFrom::End(0))?;
        Ok(Self {
            file,
            end,
            block: Vec::new(),
            pieces: VecDeque::new(),
            held: 0,
            read: 0,
            is_fresh: true,
            is_done: false,
        })
    }

    /// How many bytes were read.
    pub(super) fn bytes_read(&self) -> u64 {
        self.read
    }

    /// The line before the last one that was given, without its end; `None` at the start of the file.
    pub(super) fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(at) = self.block.iter().rposition(|byte| *byte == b'\n') {
                let start = self.block.split_off(at + 1);
                self.block.truncate(at);
                let is_last_end = self.is_fresh && start.is_empty() && self.pieces.is_empty();
                self.is_fresh = false;
                if is_last_end {
                    continue;
                }
                return Ok(Some(self.whole(start)));
            }
            let piece = std::mem::take(&mut self.block);
            if self.end > 0 {
                self.hold(piece);
                self.load()?;
                continue;
            }
            let is_empty = self.is_fresh && piece.is_empty() && self.pieces.is_empty();
            if self.is_done || is_empty {
                return Ok(None);
            }
            self.is_done = true;
            return Ok(Some(self.whole(piece)));
        }
    }

    fn load(&mut self) -> io::Result<()> {
        let start = self.end.saturating_sub(BLOCK);
        self.file.seek(SeekFrom::Start(start))?;
        let length = self.end - start;
        (&mut self.file).take(length).read_to_end(&mut self.block)?;
        self.read = self.read.saturating_add(length);
        self.end = start;
        Ok(())
    }

    /// Keeps a piece of a line; of a line that is too long the end is dropped.
    fn hold(&mut self, piece: Vec<u8>) {
        if piece.is_empty() {
            return;
        }
        self.held += piece.len();
        self.pieces.push_front(piece);
        while self.held > MAX_LINE
            && self.pieces.len() > 1
            && let Some(last) = self.pieces.pop_back()
        {
            self.held -= last.len();
        }
    }

    fn whole(&mut self, start: Vec<u8>) -> Vec<u8> {
        self.held = 0;
        let mut line = start;
        for piece in self.pieces.drain(..) {
            line.extend(piece);
        }
        line.truncate(MAX_LINE);
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        line
    }
}
