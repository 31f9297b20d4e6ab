//! What the first bytes of a text tell of its encoding: UTF-16 and UTF-32 are recognised and can be read as text. UTF-8 is everybody's
//! default and is not looked for here; no other encoding is guessed.

/// The byte order mark of UTF-8, which means nothing there.
pub const UTF8_MARK: char = '\u{feff}';

/// The most pairs of bytes that are looked at where there is no byte order mark.
const LOOKED_AT: usize = 128;

/// An encoding whose units are wider than a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WideEncoding {
    /// UTF-16, the lower byte first: what `>` of Windows PowerShell writes.
    Utf16LittleEndian,
    /// UTF-16, the higher byte first.
    Utf16BigEndian,
    /// UTF-32, the lowest byte first.
    Utf32LittleEndian,
    /// UTF-32, the highest byte first.
    Utf32BigEndian,
}

impl WideEncoding {
    /// The encoding of a text that has a byte order mark, or whose every second byte is NUL as in UTF-16 of plain letters.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xfe, 0, 0, ..] => Some(Self::Utf32LittleEndian),
            [0, 0, 0xfe, 0xff, ..] => Some(Self::Utf32BigEndian),
            [0xff, 0xfe, ..] => Some(Self::Utf16LittleEndian),
            [0xfe, 0xff, ..] => Some(Self::Utf16BigEndian),
            _ => unmarked(bytes),
        }
    }

    /// Its name, as `iconv` and people know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf16LittleEndian => "UTF-16LE",
            Self::Utf16BigEndian => "UTF-16BE",
            Self::Utf32LittleEndian => "UTF-32LE",
            Self::Utf32BigEndian => "UTF-32BE",
        }
    }

    /// The text, without its byte order mark; what is no character becomes U+FFFD.
    pub fn decode(self, bytes: &[u8]) -> String {
        let text: String = match self {
            Self::Utf16LittleEndian => utf16(bytes, u16::from_le_bytes),
            Self::Utf16BigEndian => utf16(bytes, u16::from_be_bytes),
            Self::Utf32LittleEndian => utf32(bytes, u32::from_le_bytes),
            Self::Utf32BigEndian => utf32(bytes, u32::from_be_bytes),
        };
        match text.strip_prefix(UTF8_MARK) {
            Some(rest) => rest.to_owned(),
            None => text,
        }
    }
}

/// UTF-16 without a mark: at least three of four pairs of the head have one NUL, all on the same side.
fn unmarked(bytes: &[u8]) -> Option<WideEncoding> {
    let pairs: Vec<(u8, u8)> = bytes
        .chunks_exact(2)
        .take(LOOKED_AT)
        .filter_map(|pair| Some((*pair.first()?, *pair.last()?)))
        .collect();
    let first = pairs.iter().filter(|(first, _)| *first == 0).count();
    let second = pairs.iter().filter(|(_, second)| *second == 0).count();
    let most = pairs.len().saturating_mul(3);
    match (first, second) {
        _ if pairs.len() < 2 => None,
        (0, nuls) if nuls.saturating_mul(4) >= most => Some(WideEncoding::Utf16LittleEndian),
        (nuls, 0) if nuls.saturating_mul(4) >= most => Some(WideEncoding::Utf16BigEndian),
        _ => None,
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks(2).map(|pair| pair.try_into().map_or(u16::MAX, unit));
    char::decode_utf16(units)
        .map(|read| {
            read.ok()
                .filter(|c| *c != '\u{ffff}')
                .unwrap_or(char::REPLACEMENT_CHARACTER)
        })
        .collect()
}

fn utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> String {
    let units = bytes.chunks(4).map(|four| four.try_into().ok().map(unit));
    units
        .map(|unit| {
            unit.and_then(char::from_u32)
                .unwrap_or(char::REPLACEMENT_CHARACTER)
        })
        .collect()
}

#[cfg(test)]
mod tests;
