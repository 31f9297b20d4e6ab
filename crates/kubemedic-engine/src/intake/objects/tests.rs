//! Proves the reading of objects.
