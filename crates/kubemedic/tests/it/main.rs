//! Black-box tests of the binary, and the rules of the workspace.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on must stop"
)]

mod architecture;
mod bad_input;
mod bad_judgement;
mod browser;
mod crash;
mod embeddings;
mod evaluation;
mod learning;
mod main_job;
mod model_server;
mod models;
mod papers;
mod process;
mod raw;
mod refusals;
mod sources;
mod weather;
