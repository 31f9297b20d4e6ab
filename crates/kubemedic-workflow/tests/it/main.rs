//! Black-box tests of the services over the testkit's outside world.

mod approving;
mod crashes;
mod executing;
mod judging;
mod outbox;
mod streaming;
mod world;
