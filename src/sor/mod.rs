//! Systems of record: what an agency keeps its accounts in, and what this gateway stands before.
//!
//! Three are known. What each of their routes is, is data ([`catalogue`]); what their bodies mean, is
//! pure mapping ([`dialect`]); asking them over a network is the one part with sockets ([`upstream`]).
//! Where they meet the engine is `gateway::sor`.
//!
//! Invariants
//! - SOR-1: a route that is in no catalogue is not forwarded; which class a route has is said by the
//!   catalogue alone.
//! - SOR-2: path and query reach the system byte for byte as they came, behind its mount.
//! - SOR-3: an answer that cannot be read never counts as done where that would permit something, and
//!   never as refused where that would take a restriction back.

pub mod call;
pub mod catalogue;
pub mod dialect;
pub mod outbox;
pub mod route;
pub mod sandbox;
pub mod upstream;
