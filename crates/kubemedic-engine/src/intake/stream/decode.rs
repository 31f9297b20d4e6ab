//! Bytes to text, piece by piece. What is not UTF-8 is replaced, except where a container runtime cut a line inside a
//! character: that character is put together again, also across pieces.

use std::borrow::Cow;

use crate::intake::lines::CutLines;

/// Decodes pieces that end at line ends.
#[derive(Debug, Default)]
pub struct Decoder {
    cut: CutLines,
}

impl Decoder {
    /// A decoder at the beginning of a log.
    pub fn new() -> Self {
        Self::default()
    }

    /// The text of whole lines (the last piece may lack its line end); it is not copied where nothing is wrong with it.
    pub fn decode<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, str> {
        if self.cut.is_empty()
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            return Cow::Borrowed(text);
        }
        Cow::Owned(self.cut.decode(bytes))
    }
}
