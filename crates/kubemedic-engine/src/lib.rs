//! The decisions: pure functions of values, in the order in which data flows. No I/O, no clock, no async.

pub mod analysis;
pub mod condense;
pub mod intake;
pub mod learning;
pub mod monitoring;
pub mod policy;
pub mod redaction;
pub mod remediation;
pub mod review;
