//! Proves the reading of merge.
