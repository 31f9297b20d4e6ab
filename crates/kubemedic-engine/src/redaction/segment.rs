//! Where a text may be cut without parting a secret: the places depend on the text alone, never on how it arrived.
//! It does not redact; whole texts and streams are cut by the same rules, so that both give the same result.

use super::{cursor::before, pem};

/// A segment is at least this long where the text is: large enough that the cost of a cut is nothing, small enough for a cache.
pub(super) const SEGMENT_BYTES: usize = 32 * 1024;

/// The longest segment, and so the most that a stream holds back.
pub(super) const BOUND_BYTES: usize = 1024 * 1024;

/// How much of a line tells whether it continues what stands before it.
const HEAD_BYTES: usize = 128;

/// How far back from a forced cut a blank is looked for.
const BLANK_BYTES: usize = 4096;

/// The longest PEM block that is waited for whatever it holds.
const PEM_BYTES: usize = 64 * 1024;

/// Where a segment ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// More text is needed to decide.
    Undecided,
    /// Behind a line that ends what it belongs to.
    Safe(usize),
    /// At the bound: a secret may go on behind it.
    Forced(usize),
}

/// Looks for the end of one segment, never twice at the same bytes.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    /// No end lies before this place.
    looked: usize,
    /// Marks of PEM blocks before this place are known.
    marks_to: usize,
    /// Where the private key begins that has no end yet.
    open_key: Option<usize>,
}

impl Cutter {
    /// Where the segment that begins with the text ends; `complete` says that no more text comes. With an answer the
    /// cutter is ready for the next segment.
    pub(super) fn cut(&mut self, text: &str, complete: bool) -> Cut {
        let cut = self.find(text, complete);
        if cut != Cut::Undecided {
            *self = Self::default();
        }
        cut
    }

    fn find(&mut self, text: &str, complete: bool) -> Cut {
        let bytes = text.as_bytes();
        let mut at = self.looked.max(SEGMENT_BYTES);
        while let Some(offset) = bytes
            .get(at..bytes.len().min(BOUND_BYTES))
            .and_then(|rest| memchr::memchr(b'\n', rest))
        {
            let place = at + offset + 1;
            let rest = bytes.get(place..).unwrap_or(&[]);
            let head = rest.get(..HEAD_BYTES).unwrap_or(rest);
            let line = head.split(|byte| *byte == b'\n').next().unwrap_or(head);
            if line.len() == head.len() && head.len() < HEAD_BYTES && !complete {
                self.looked = at;
                return Cut::Undecided;
            }
            if is_end(bytes, place) && is_beginning(line) && !self.in_key(bytes, place, line) {
                return Cut::Safe(place);
            }
            at = place;
        }
        self.looked = at.min(bytes.len());
        if bytes.len() > BOUND_BYTES {
            return Cut::Forced(forced(text));
        }
        if complete {
            Cut::Safe(bytes.len())
        } else {
            Cut::Undecided
        }
    }

    /// Whether the line at a place lies in a private key that ends further on.
    fn in_key(&mut self, bytes: &[u8], place: usize, line: &[u8]) -> bool {
        while let Some(offset) = bytes
            .get(self.marks_to..place)
            .and_then(|rest| memchr::memmem::find(rest, b"-----"))
        {
            let mark = self.marks_to + offset;
            let rest = bytes.get(mark + 5..place).unwrap_or(&[]);
            if rest.starts_with(b"BEGIN") {
                let label = rest.get(..64).unwrap_or(rest);
                if memchr::memmem::find(label, b"PRIVATE KEY").is_some() {
                    self.open_key = Some(mark);
                }
            } else if rest.starts_with(b"END") {
                self.open_key = None;
            }
            self.marks_to = mark + 5;
        }
        self.marks_to = self.marks_to.max(place.saturating_sub(4));
        let material = || pem::key_material(line, 0) == line.len();
        self.open_key
            .is_some_and(|open| place - open <= PEM_BYTES || material())
    }
}

/// Whether the line before a place ends there, rather than announcing the next.
fn is_end(bytes: &[u8], place: usize) -> bool {
    let line_end = place - 1 - usize::from(before(bytes, place - 1) == b'\r');
    !matches!(
        before(bytes, line_end),
        b'\\' | b':' | b'>' | b'|' | b',' | b'{' | b'[' | b'(' | b'='
    )
}

/// Whether a line begins something new: it is not indented, closes nothing and is no `key: value` of a document.
fn is_beginning(line: &[u8]) -> bool {
    let Some(first) = line.first() else { return false };
    if first.is_ascii_whitespace() || matches!(first, b'}' | b']' | b')' | b'-' | b'#') {
        return false;
    }
    let key = line
        .iter()
        .position(|byte| {
            !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'.' | b'/' | b'"' | b'\'' | b'-')
        })
        .unwrap_or(line.len());
    let behind = (line.get(key), line.get(key + 1));
    !matches!(behind, (Some(b':'), None | Some(b' ' | b'\r' | b'\t')))
}

/// Where to cut a text that offers no end before the bound: before the last item of a list, else behind the last line,
/// else behind a blank, else at the bound.
fn forced(text: &str) -> usize {
    let bytes = text.as_bytes();
    let window = bytes.get(..BOUND_BYTES).unwrap_or(bytes);
    let item = [
        "\n- apiVersion:",
        "\n  - apiVersion:",
        "\n        {\n",
        "\n    {\n",
    ]
    .iter()
    .filter_map(|item| memchr::memmem::rfind(window, item.as_bytes()))
    .max();
    let line = memchr::memrchr(b'\n', window);
    if let Some(end) = item.or(line).filter(|end| *end >= SEGMENT_BYTES) {
        return end + 1;
    }
    let blank = window
        .iter()
        .rev()
        .take(BLANK_BYTES)
        .position(u8::is_ascii_whitespace)
        .map(|back| window.len() - back);
    let mut at = blank.unwrap_or(window.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
