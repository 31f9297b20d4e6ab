//! Proves the reading of describe.
