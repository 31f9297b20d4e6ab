//! Proves the reading of tables.
