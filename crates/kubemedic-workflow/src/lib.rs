//! The orchestrator: what happens to an input from the first byte to the last decision, and who may ask for what.
//! It decides through `engine` and acts through `ports`; it knows neither HTTP nor SQL nor processes.

pub mod agents;
pub mod approvals;
pub mod consult;
mod core;
mod decided;
mod dispatcher;
mod driver;
pub mod engine;
mod events;
mod execution;
pub mod feedback;
mod hub;
pub mod log_sources;
pub mod machine;
pub mod models;
mod outbox;
pub mod past;
mod planning_room;
mod poller;
pub mod prompts;
mod proposing;
mod queue;
mod retention;
mod retry;
pub mod services;
mod spending;
pub mod stream;
pub mod tasks;
pub mod workflows;
