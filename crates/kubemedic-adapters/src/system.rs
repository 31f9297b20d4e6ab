//! The computer's clock and its source of randomness: the one lawful site for both.

use jiff::Timestamp;
use kubemedic_ports::{clock::Clock, id_source::IdSource};
use uuid::Uuid;

/// The computer's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock behind the port")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Random ids that sort by the time they were made (UUID version 7).
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl IdSource for RandomIds {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the source of ids behind the port"
    )]
    fn fresh(&self) -> Uuid {
        Uuid::now_v7()
    }
}
