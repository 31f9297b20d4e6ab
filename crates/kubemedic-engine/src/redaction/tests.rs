//! Tests of redaction.

mod corpora;
