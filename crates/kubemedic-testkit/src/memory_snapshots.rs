//! A snapshot in memory, to look at and to damage.

use std::sync::Mutex;

use async_trait::async_trait;
use kubemedic_ports::ledger_snapshots::{LedgerSnapshots, SnapshotStoreError};

use crate::lock;

/// A store of snapshots that never reaches a disk.
#[derive(Debug, Default)]
pub struct MemorySnapshots {
    newest: Mutex<Option<Vec<u8>>>,
}

impl MemorySnapshots {
    /// Changes what is kept.
    pub fn change(&self, change: impl FnOnce(&mut Option<Vec<u8>>)) {
        change(&mut lock(&self.newest));
    }
}

#[async_trait]
impl LedgerSnapshots for MemorySnapshots {
    async fn newest(&self) -> Result<Option<Vec<u8>>, SnapshotStoreError> {
        Ok(lock(&self.newest).clone())
    }

    async fn replace(&self, bytes: Vec<u8>) -> Result<(), SnapshotStoreError> {
        *lock(&self.newest) = Some(bytes);
        Ok(())
    }
}
