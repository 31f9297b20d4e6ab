//! Tests of monitoring.

mod findings;
mod pace;
mod signals;
mod templates;
