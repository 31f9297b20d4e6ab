//! Feedback to reward, ranking and statistics: pure folds over feedback events (LEARNING.md section 3).
//! The two-head ranker of LEARNING.md section 1 comes later; until then strategies are ordered by approval counts.

mod ledger;
pub mod ranker;
mod record;
mod reward;
mod statistics;

pub use ledger::Ledger;
pub use reward::{Reward, Signals, approval_signal, reward, usefulness};
pub use statistics::Statistics;

#[cfg(test)]
mod tests;
