//! Proves the reading of lines.
