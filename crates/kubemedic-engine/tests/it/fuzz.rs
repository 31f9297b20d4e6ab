//! Hostile input: real-looking text with mutations, and arbitrary bytes, through every public reader of the engine.
//! A bounded run with a fixed seed in `./test.sh`; CONTRIBUTING.md ("Fuzzing") tells how to run it long.

#![expect(
    clippy::indexing_slicing,
    reason = "places of mutations are taken modulo the length, and a mistake must stop a test"
)]

mod commands;
mod evidence;
mod found;
mod invariants;
mod ledger;
mod mutation;
mod secrets;
mod seeds;
mod texts;

use proptest::test_runner::{Config, RngSeed};

/// proptest's own number of cases, which `PROPTEST_CASES` raises.
const USUAL_CASES: u32 = 256;
/// The seed of the bounded run: a change of the code, and not luck, decides whether it passes.
const SEED: u64 = 20_260_314;

/// So many cases; with `PROPTEST_CASES=25600` a hundred times as many, from a seed of their own.
fn cases(usual: u32) -> Config {
    let asked = Config::default();
    let bounded = asked.cases == USUAL_CASES && asked.rng_seed == RngSeed::Random;
    Config {
        cases: (u64::from(usual) * u64::from(asked.cases) / u64::from(USUAL_CASES))
            .clamp(1, u64::from(u32::MAX))
            .try_into()
            .unwrap_or(u32::MAX),
        rng_seed: if bounded {
            RngSeed::Fixed(SEED)
        } else {
            asked.rng_seed
        },
        // What was found is kept, readable, in fixtures/fuzz/found.
        failure_persistence: None,
        max_shrink_time: 60_000,
        ..asked
    }
}
