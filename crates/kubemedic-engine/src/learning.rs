//! Feedback to reward, ranking, examples and statistics: pure folds over feedback events (LEARNING.md).
//! What was learnt orders proposals and explains itself. It never admits, executes or authorises anything.

mod adviser;
pub mod estimate;
pub mod experience;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod labels;
mod ledger;
mod names;
mod pairs;
pub mod ranker;
mod reasons;
mod record;
mod report;
mod reward;
mod snapshot;
mod statistics;
mod teaching;

pub use adviser::{Adviser, Situation};
pub use ledger::Ledger;
pub use reasons::reason_of;
pub use report::{LearningReport, Why, learning_report, why};
pub use reward::{Reward, Signals, approval_signal, reward, usefulness};
pub use snapshot::{Snapshot, SnapshotError, snapshot};
pub use statistics::Statistics;
pub use teaching::{Lesson, ProposalKey, Taught};

#[cfg(test)]
mod learning_tests;
#[cfg(test)]
mod tests;
