//! The miner's tests: masks, grouping, bounds, snapshots.

mod bounds;
mod generate;
mod grouping;
mod masks;
mod snapshots;
