//! dialgate: the gate that a debt-collection floor asks before every contact.
//!
//! A dialer asks, twelve gates decide on state in memory, an ALLOW reserves the attempt, a row goes
//! into a hash-chained ledger, and only then is there an answer. Fail closed, lose nothing, be fast,
//! in that order. `README.md` shows it running, `ARCHITECTURE.md` says why it is built so.
//!
//! # The map
//!
//! Rooms from low to high; lower never imports higher, and `tests/tidy.rs` holds them to it.
//!
//! | room | what to find there | start reading at |
//! |---|---|---|
//! | [`domain`] | facts, rules, places, local time, the twelve gates; pure | [`domain::gates::evaluate`] |
//! | [`wire`] | bytes to domain and back, every bound of what comes in; pure | [`wire::intent::decode`], [`wire::answer::decision`] |
//! | [`engine`] | all state, and what commands do to it; deterministic | [`engine::Engine::ask`] |
//! | [`ledger`] | chains, frames, segments, recovery, verifying | [`ledger::OpenLedger`] |
//! | [`rulepack`] | the law's files into [`domain::rules`] | [`rulepack::read`] |
//! | [`sor`] | systems of record: routes, bodies, asking them | [`sor::dialect::Dialect`] |
//! | [`gateway`] | engine and ledger together; what transports may ask | [`gateway::door::Door`], [`gateway::writer::Writer`] |
//! | [`transport`] | sockets, credentials, routes | [`transport::listen`] |
//! | [`client`] | asking a gateway from another program, fail-closed by type | [`client::Client`] |
//! | [`clock`], [`config`], [`telemetry`], [`trust`] | time, settings, numbers and lines, whom to believe | [`config::Settings`] |
//! | [`app`], [`cli`] | order of start and stop; commands | [`app::run`], [`cli::run`] |
//!
//! # One decision, by name
//!
//! [`wire::intent::decode`] makes an [`AskRequest`](wire::intent::AskRequest);
//! [`Gateway::decide`](gateway::running::Gateway::decide) seals its personal fields and submits it;
//! the engine thread runs [`Engine::ask`](engine::Engine::ask), which looks for the idempotency key,
//! builds a [`Case`](domain::case::Case), asks [`domain::gates::evaluate`], reserves, and writes the
//! row; [`FrameBuilder`](ledger::FrameBuilder) links and hashes it; the committer writes and syncs the
//! frame; the answer goes through a [`mailbox`](gateway::mailbox) to the thread that waits for it; and
//! [`wire::answer::decision`] spells it.
//!
//! # Where a change belongs
//!
//! - What a fact is: [`domain::facts`]. How it is spelt: [`wire::ingest`]. What it decides: one gate.
//! - A reason to block: a [`Code`](domain::verdict::Code), and its line in `docs/gates.md`.
//! - A figure of law: `config/rules/`, nowhere in the code.
//! - A bound: [`wire::limits`] for what comes in, [`ledger::limits`] for what is written.

pub mod domain;
pub mod wire;

pub mod engine;
pub mod ledger;
pub mod rulepack;
pub mod sor;

pub mod gateway;
pub mod transport;

pub mod client;
pub mod clock;
pub mod config;
pub mod telemetry;
pub mod trust;

pub mod app;
pub mod cli;
