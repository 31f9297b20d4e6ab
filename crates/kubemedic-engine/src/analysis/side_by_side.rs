//! Two halves of a large input's analysis at the same time. What comes out does not depend on whether they were.

use std::thread;

/// From so many records on a thread is worth its start.
const WORTH_A_THREAD: usize = 1000;

/// Does both, at the same time where there is much to do and a thread can be had.
pub(crate) fn both<A, B: Send>(
    records: usize,
    first: impl FnOnce() -> A,
    second: impl Fn() -> B + Sync,
) -> (A, B) {
    if records < WORTH_A_THREAD {
        return (first(), second());
    }
    thread::scope(|scope| {
        let beside = thread::Builder::new().spawn_scoped(scope, &second);
        let first = first();
        let second = match beside.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => second(),
        };
        (first, second)
    })
}

#[cfg(test)]
mod tests {
    use super::{WORTH_A_THREAD, both};

    #[test]
    fn both_are_done_whatever_there_is_to_do() {
        for records in [0, WORTH_A_THREAD] {
            assert_eq!(both(records, || 1, || "two"), (1, "two"));
        }
    }

    #[test]
    fn a_panic_beside_is_a_panic_here() {
        let failing = || {
            both(
                WORTH_A_THREAD,
                || 1,
                || assert!(std::hint::black_box(false), "beside"),
            )
        };
        let caught = std::panic::catch_unwind(failing).unwrap_err();
        assert_eq!(caught.downcast_ref::<&str>(), Some(&"beside"));
    }
}
