//! Proves the reading of evidence.
