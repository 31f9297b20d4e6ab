//! A feedback file in memory, which can be made to fail.

use std::sync::Mutex;

use async_trait::async_trait;
use kubemedic_model::feedback::FeedbackRecord;
use kubemedic_ports::feedback_file::{FeedbackFile, FeedbackFileError};

use crate::lock;

/// Lines of a feedback file that never reaches a disk.
#[derive(Debug, Default)]
pub struct MemoryFeedbackFile {
    lines: Mutex<Vec<FeedbackRecord>>,
    broken: Mutex<bool>,
}

impl MemoryFeedbackFile {
    /// Everything appended so far, in order.
    pub fn lines(&self) -> Vec<FeedbackRecord> {
        lock(&self.lines).clone()
    }

    /// Makes every write fail, or work again.
    pub fn set_broken(&self, broken: bool) {
        *lock(&self.broken) = broken;
    }

    fn check(&self) -> Result<(), FeedbackFileError> {
        if *lock(&self.broken) {
            return Err(FeedbackFileError {
                path: "memory".into(),
                source: std::io::Error::other("broken by the test"),
            });
        }
        Ok(())
    }
}

#[async_trait]
impl FeedbackFile for MemoryFeedbackFile {
    async fn reconcile(&self, records: &[FeedbackRecord]) -> Result<(), FeedbackFileError> {
        self.check()?;
        let mut lines = lock(&self.lines);
        for record in records {
            let newest = lines.iter().rfind(|line| line.feedback_id == record.feedback_id);
            if newest != Some(record) {
                lines.push(record.clone());
            }
        }
        Ok(())
    }

    async fn append(&self, records: &[FeedbackRecord]) -> Result<(), FeedbackFileError> {
        self.check()?;
        lock(&self.lines).extend_from_slice(records);
        Ok(())
    }
}
