//! The text of an input, piece by piece, whatever its encoding: UTF-8 with or without a mark, UTF-16 and UTF-32 with one. Bytes that are
//! no UTF-8 are replaced, because a log on the command line is better read than refused.

use std::{borrow::Cow, path::Path};

use anyhow::bail;
use indicatif::{ProgressBar, ProgressStyle};
use kubemedic_engine::intake::stream::Decoder;
use kubemedic_model::encoding::{UTF8_MARK, WideEncoding};

use super::{MAX_INPUT_BYTES, pieces::Pieces};

/// The pieces of text of one input: whole lines, but for the last one.
pub struct Texts {
    pieces: Pieces,
    decoder: Decoder,
    begun: bool,
    progress: ProgressBar,
}

impl Texts {
    /// Opens a file or, for `-`, standard input.
    ///
    /// # Errors
    /// When it cannot be opened or its first bytes cannot be read.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            pieces: Pieces::open(path)?,
            decoder: Decoder::new(),
            begun: false,
            progress: ProgressBar::hidden(),
        })
    }

    /// Shows on standard error, where that is a terminal, how much has been read.
    pub fn show_progress(&mut self) {
        if let Ok(style) = ProgressStyle::with_template("{bytes} read, {bytes_per_sec}") {
            self.progress = ProgressBar::new_spinner().with_style(style);
        }
    }

    /// The next piece.
    ///
    /// # Errors
    /// When the input cannot be read, is broken gzip, or is wide text without end.
    pub fn next(&mut self) -> anyhow::Result<Option<Cow<'_, str>>> {
        if !self.begun {
            self.begun = true;
            return self.first();
        }
        let Some(bytes) = self.pieces.next()? else {
            self.progress.finish_and_clear();
            return Ok(None);
        };
        self.progress.inc(bytes.len() as u64);
        Ok(Some(self.decoder.decode(bytes)))
    }

    /// The first piece, which tells the encoding. Wide text is decoded at once: its line ends are not to be seen in bytes.
    fn first(&mut self) -> anyhow::Result<Option<Cow<'_, str>>> {
        let Some(encoding) = self.pieces.next()?.map(WideEncoding::of) else {
            return Ok(None);
        };
        let Some(encoding) = encoding else {
            let (first, mut mark) = (self.pieces.last(), [0; 4]);
            let text = first
                .strip_prefix(UTF8_MARK.encode_utf8(&mut mark).as_bytes())
                .unwrap_or(first);
            return Ok(Some(self.decoder.decode(text)));
        };
        let mut bytes = self.pieces.last().to_vec();
        while let Some(more) = self.pieces.next()? {
            bytes.extend_from_slice(more);
            if bytes.len() as u64 > MAX_INPUT_BYTES {
                bail!(
                    "this {} text has more than {MAX_INPUT_BYTES} bytes: convert it to UTF-8 first",
                    encoding.name()
                );
            }
        }
        Ok(Some(Cow::Owned(encoding.decode(&bytes))))
    }
}
