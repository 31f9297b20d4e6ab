//! Reading a log in pieces that end at line ends, in memory that does not grow with it; gzip is inflated on the way.

use std::{
    fs::File,
    io::{self, Cursor, Read},
    path::Path,
};

use anyhow::Context;
use flate2::read::MultiGzDecoder;
use kubemedic_engine::intake::stream::MAX_LINE_BYTES;

use super::GZIP_MAGIC;

/// How much is read at once.
const PIECE_BYTES: usize = 512 * 1024;

/// The pieces of one input.
pub struct Pieces {
    reader: Box<dyn Read>,
    name: String,
    buffer: Vec<u8>,
    /// What was given out before, at the front of the buffer.
    given: usize,
    filled: usize,
    ended: bool,
}

impl Pieces {
    /// Opens a file or, for `-`, standard input.
    ///
    /// # Errors
    /// When it cannot be opened or its first bytes cannot be read.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        if path.as_os_str() == "-" {
            return Self::new(io::stdin().lock(), "standard input".to_owned());
        }
        let name = path.display().to_string();
        let file = File::open(path).with_context(|| format!("{name} cannot be opened"))?;
        Self::new(file, name)
    }

    fn new(mut reader: impl Read + 'static, name: String) -> anyhow::Result<Self> {
        let mut magic = Vec::new();
        reader
            .by_ref()
            .take(GZIP_MAGIC.len() as u64)
            .read_to_end(&mut magic)
            .with_context(|| format!("{name} cannot be read"))?;
        let is_gzip = magic == GZIP_MAGIC;
        let whole = Cursor::new(magic).chain(reader);
        Ok(Self {
            reader: if is_gzip {
                Box::new(MultiGzDecoder::new(whole))
            } else {
                Box::new(whole)
            },
            name,
            buffer: vec![0; PIECE_BYTES],
            given: 0,
            filled: 0,
            ended: false,
        })
    }

    /// The next piece: whole lines, but for the last one and for a line that is longer than any that is read as one.
    ///
    /// # Errors
    /// When the input cannot be read or is broken gzip.
    pub fn next(&mut self) -> anyhow::Result<Option<&[u8]>> {
        self.buffer.copy_within(self.given..self.filled, 0);
        self.filled -= self.given;
        self.given = 0;
        let mut searched = 0;
        while !self.ended {
            self.fill()?;
            let fresh = self.buffer.get(searched..self.filled).unwrap_or_default();
            if let Some(end) = memchr::memrchr(b'\n', fresh) {
                self.given = searched + end + 1;
                return Ok(self.buffer.get(..self.given));
            }
            searched = self.filled;
            if self.filled == self.buffer.len() {
                if self.filled >= MAX_LINE_BYTES {
                    break;
                }
                self.buffer.resize(self.filled * 2, 0);
            }
        }
        self.given = self.whole_characters();
        Ok(self.buffer.get(..self.given).filter(|piece| !piece.is_empty()))
    }

    /// Reads once into the free part of the buffer.
    fn fill(&mut self) -> anyhow::Result<()> {
        let free = self.buffer.get_mut(self.filled..).unwrap_or_default();
        loop {
            match self.reader.read(free) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => {
                    let read = read.with_context(|| format!("{} cannot be read", self.name))?;
                    self.filled += read;
                    self.ended = read == 0;
                    return Ok(());
                }
            }
        }
    }

    /// The end of what is filled, not inside a character unless the input ends there.
    fn whole_characters(&self) -> usize {
        if self.ended {
            return self.filled;
        }
        let tail = self.buffer.iter().take(self.filled).rev().take(3);
        let inside = tail.take_while(|byte| **byte & 0xc0 == 0x80).count();
        let lead = usize::from(inside < 3 && self.filled > inside);
        match self.buffer.get(self.filled - inside - lead) {
            Some(byte) if *byte >= 0xc0 => self.filled - inside - lead,
            _ => self.filled,
        }
    }
}

#[cfg(test)]
mod tests;
