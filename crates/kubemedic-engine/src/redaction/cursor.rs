//! Bounded reading of bytes for the rules: no rule looks further than it is told, so that hostile input costs linear time.

/// A stretch of text that must go, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// The first byte.
    pub(super) start: usize,
    /// The byte after the last.
    pub(super) end: usize,
    /// The kind that the token names.
    pub(super) kind: &'static str,
}

/// How much of a value decides whether it is a secret; an accepted value is then followed to its end.
pub(super) const DECISION_BYTES: usize = 512;

/// The byte at a place, or 0 beyond the end.
pub(super) fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// The byte before a place, or 0 at the beginning.
pub(super) fn before(bytes: &[u8], at: usize) -> u8 {
    at.checked_sub(1).map_or(0, |at| byte(bytes, at))
}

/// Where a run of accepted bytes ends, looking at `limit` bytes at most.
pub(super) fn run(bytes: &[u8], from: usize, limit: usize, accept: impl Fn(u8) -> bool) -> usize {
    let end = bytes.len().min(from.saturating_add(limit));
    let mut at = from;
    while at < end && accept(byte(bytes, at)) {
        at += 1;
    }
    at
}

/// Where a run of accepted bytes that ends at `to` begins, looking back `limit` bytes at most.
pub(super) fn run_back(bytes: &[u8], to: usize, limit: usize, accept: impl Fn(u8) -> bool) -> usize {
    let floor = to.saturating_sub(limit);
    let mut at = to;
    while at > floor && accept(before(bytes, at)) {
        at -= 1;
    }
    at
}

/// Spaces and tabs.
pub(super) fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// Double quote, single quote, backtick.
pub(super) fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// Whether the bytes at a place are the given ones.
pub(super) fn starts_at(bytes: &[u8], at: usize, what: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(what))
}
