//! The computer's clock and its source of randomness, the one lawful site for both, and what the system allows the process.

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

/// Raises the number of files that the process may open to the most that it is allowed, and returns that number. Where it cannot be
/// raised or the system has no such number, what is told is what holds.
#[cfg(unix)]
pub fn raise_open_file_limit() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: now.maximum,
        maximum: now.maximum,
    };
    let raised = now.current != now.maximum && setrlimit(Resource::Nofile, most).is_ok();
    let holds = if raised { now.maximum } else { now.current };
    holds.unwrap_or(u64::MAX)
}

/// Raises the number of files that the process may open, where the system has such a number.
#[cfg(not(unix))]
pub fn raise_open_file_limit() -> u64 {
    u64::MAX
}
