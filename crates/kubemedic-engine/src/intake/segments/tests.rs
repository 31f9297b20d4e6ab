//! Proves the reading of segments.
