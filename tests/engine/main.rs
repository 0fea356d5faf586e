//! The engine as a whole, under random commands: its five invariants, and its counts against a
//! model that shares no code with it.
//!
//! A failing run names its seed; `SIM_SEED` runs that one again, `SIM_SEEDS` runs more of them.

#![cfg(test)]

mod counting;
mod counts;
mod dice;
mod erasure;
mod facts;
mod image;
mod invariants;
mod laws;
mod model;
mod names;
mod ops;
mod order;
mod outcomes;
mod reads;
mod reports;
mod run;
mod seeds;
mod sharing;
mod snapshots;
