//! A slow, obviously right evaluator, and a property: whatever is told, asked and reported, in
//! whatever order and at whatever instant, the product's verdict, codes, `use_by` and
//! `next_allowed_at` are the model's.
//!
//! The model is written from the text of the rules (`docs/gates.md`, `config/rules/`,
//! `config/portfolio.md`), keeps everything told in plain lists, and shares no code with the gates,
//! the rule pack's reader or the product's zones and places. A difference is shrunk to a minimal
//! story and printed as JSON with its seed.
//!
//! `SIM_SEED` runs one story again, `SIM_SEEDS` runs more of them, `SIM_STEPS` makes each longer.

#![cfg(test)]
#![expect(
    clippy::or_fun_call,
    clippy::option_option,
    clippy::similar_names,
    reason = "what is meant to be read beside the law is not made quicker, and says what was not said"
)]

mod account;
mod case;
mod channel;
mod compliance;
mod consent;
#[expect(dead_code, reason = "no fuzzer chooses these stories")]
#[path = "../engine/dice.rs"]
mod dice;
mod driver;
mod found;
mod found_facts;
mod house;
mod invent;
mod invent_asks;
mod invent_facts;
mod law;
mod local;
mod next;
mod places;
mod policy;
mod property;
mod purpose;
mod repeats;
#[path = "../engine/seeds.rs"]
mod seeds;
mod shrink;
mod state_counts;
mod story;
mod telling;
mod telling_consents;
mod telling_facts;
mod timing;
mod world;
