//! The decisions: pure functions of values, in the order in which data flows. No I/O, no clock, no async.

pub mod analysis;
pub mod condense;
pub mod grounding;
pub mod intake;
pub mod learning;
pub mod monitoring;
pub mod policy;
pub mod redaction;
pub mod remediation;
pub mod review;
pub mod similarity;

/// Makes what every input needs: tables of words, expressions, rules. It is all made on first use anyway; a program that has a
/// thread to spare does this beside reading its input, in the order in which a diagnosis asks for it.
pub fn warm_up() {
    analysis::warm_up();
    policy::warm_up();
}
