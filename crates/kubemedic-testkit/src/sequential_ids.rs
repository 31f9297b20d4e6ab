//! Ids that count: 00000000-0000-0000-0000-000000000001 and on.

use std::sync::atomic::{AtomicU64, Ordering};

use kubemedic_ports::id_source::IdSource;
use uuid::Uuid;

/// Counts ids.
#[derive(Debug, Default)]
pub struct SequentialIds {
    made: AtomicU64,
}

impl SequentialIds {
    /// Counts from a number on.
    pub fn starting_at(number: u64) -> Self {
        Self {
            made: AtomicU64::new(number),
        }
    }
}

impl IdSource for SequentialIds {
    fn fresh(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.made.fetch_add(1, Ordering::SeqCst) + 1))
    }
}
