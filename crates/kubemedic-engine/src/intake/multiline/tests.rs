//! Proves the reading of multiline.
