//! Tests of the engine as its users see it: corpora through the public functions. Units are tested beside their code.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "figures are printed for people, and a broken corpus must stop a test"
)]

mod diagnosis_corpus;
mod fuzz;
mod grounding;
mod incidents;
mod log_formats;
mod opsbench_corpus;
mod pasted_texts;
mod recorded_corpus;
mod shared;
