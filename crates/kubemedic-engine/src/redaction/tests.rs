//! Tests of redaction. Secrets are put together at run time, so that scanners of this repository find none.

mod corpora;
mod identifiers;
mod objects;
mod properties;
mod rules;
mod shapes;
mod streams;
mod user_rules;

use super::Redactor;

/// The text after redaction by a redactor that has seen nothing.
fn redacted(text: &str) -> String {
    Redactor::new().redact(text).into_owned()
}

/// A made-up random body of a token.
fn body(size: usize) -> String {
    "q7Rf2LxV9bTn4KdZ8mWc3HsY6pJg5Qa1"
        .chars()
        .cycle()
        .take(size)
        .collect()
}

/// A made-up hexadecimal body.
fn hex(size: usize) -> String {
    "9f3c17ab60e2d84b5".chars().cycle().take(size).collect()
}
