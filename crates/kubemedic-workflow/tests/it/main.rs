//! Black-box tests of the services over the testkit's outside world.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails stops its test"
)]

mod approving;
mod consulting;
mod crashes;
mod executing;
mod judging;
mod likeness;
mod model_faults;
mod outbox;
mod real_engine;
mod streaming;
mod world;
