//! Tests of the engine as its users see it: corpora through the public functions. Units are tested beside their code.

mod diagnosis_corpus;
mod opsbench_corpus;
mod recorded_corpus;
mod shared;
