//! The miner's tests: masks, grouping, bounds, snapshots.

mod generate;
mod grouping;
mod masks;
