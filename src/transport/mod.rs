//! Sockets, requests, credentials, answers. Knows the gateway's [door](crate::gateway::door) and
//! nothing behind it.
//!
//! A request's way: [`listen`] accepts and counts -> `connection` drives it under time limits ->
//! `serve` finds the route -> `contact`, `batch` or `cold` authenticates, reads, asks, answers. One
//! `current_thread` runtime a listening thread, each with its own socket (`SO_REUSEPORT`): no request
//! changes threads, no lock is shared but the token cache's shards and, for a token never seen, the set
//! of keys. Costly signatures are checked by threads of `auth`.
//!
//! Invariants
//! - TRANSPORT-1: whatever goes wrong on the gate's route, the body says `"allow":false`.
//! - TRANSPORT-2: nobody is waited for without a limit: head, body, idling, reading our answer.
//! - TRANSPORT-3: no log line or error holds a path, query, header value or address.

pub mod auth;
pub mod listen;
pub mod options;

mod batch;
mod body;
mod cold;
mod connection;
mod contact;
mod drain;
mod refusal;
mod request_id;
mod route;
mod serve;
mod tap;
mod watch;

pub use listen::{Listeners, Serving};
pub use options::Options;
