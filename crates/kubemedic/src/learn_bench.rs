//! A benchmark of learning: simulated clusters and operators (LEARNING.md section 4), baselines, and the engine's ranker.
//! Everything is a pure function of the seed: no clock, no file, no network. The command and its forms are elsewhere.

pub mod figures;
pub mod off_policy;
pub mod operators;
pub mod play;
pub mod policies;
pub mod random;
pub mod roster;
pub mod world;

#[cfg(test)]
pub(crate) mod tests;
