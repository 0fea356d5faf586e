//! Tests of the room as a whole.

mod beside;
mod committer;
mod export;
mod fixtures;
mod running;
mod store;
