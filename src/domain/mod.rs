//! The domain: what the house knows and how it decides. Pure.
//!
//! No clock, socket, file, thread, lock, log or randomness; time is an argument. Reading order is
//! the order below. Lower rooms never import higher ones: `domain` imports nothing of this crate.

pub mod hash;
pub mod hex;
pub mod ids;
pub mod words;

pub mod phone;
pub mod time;

pub mod place;

pub mod rules;
pub mod text;

pub mod verdict;

pub mod facts;
pub mod intent;
mod news;
pub mod outcome;
pub mod policy;
pub mod record;

pub mod case;
pub mod gates;
pub mod risk;
