//! A clock that stands still until a test moves it.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};
use kubemedic_ports::clock::Clock;

use crate::lock;

/// Time by hand.
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<Timestamp>,
}

/// Where a clock starts unless a test says otherwise: 2026-01-02T03:04:05Z.
pub const START: Timestamp = Timestamp::constant(1_767_323_045, 0);

impl ManualClock {
    /// A clock that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        Self { now: Mutex::new(now) }
    }

    /// Moves the clock forward.
    pub fn advance_seconds(&self, seconds: i64) {
        let mut now = lock(&self.now);
        *now = now
            .checked_add(SignedDuration::from_secs(seconds))
            .unwrap_or(*now);
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::at(START)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *lock(&self.now)
    }
}
