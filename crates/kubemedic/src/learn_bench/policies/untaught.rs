//! The knowledge base alone: what is proposed when nothing is learnt.

use super::Policy;
use crate::learn_bench::world::{Candidate, Task};

/// Proposes by the knowledge base and hears nothing.
#[derive(Debug, Clone, Copy)]
pub struct Untaught;

impl Policy for Untaught {
    fn scores(&mut self, _round: u32, task: &Task) -> Vec<f64> {
        task.candidates.iter().map(Candidate::score).collect()
    }
}
