//! Feedback to reward, ranking and statistics: pure folds over feedback events.
