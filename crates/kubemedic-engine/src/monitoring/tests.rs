//! Tests of monitoring.

mod findings;
mod signals;
mod templates;
