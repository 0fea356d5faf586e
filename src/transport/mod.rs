//! Sockets, requests, credentials, answers. Knows the gateway's [door](crate::gateway::door) and
//! nothing behind it.
//!
//! A request's way: [`listen`] accepts and counts -> `connection` greets (by [`tls`], or by how the
//! client begins) and drives HTTP/1.1 or `h2` under time limits, `quic` and `h3` do so over UDP -> `serve` finds the route ->
//! `contact`, `batch`, `stream`, `webhook`, `cold` or `forward` authenticates, reads, asks, answers. One `current_thread` runtime a
//! listening thread, each with its own socket (`SO_REUSEPORT`): no request changes threads, no lock is
//! shared but the token cache's shards and, for a token never seen, the set of keys. Costly signatures
//! are checked by threads of `auth`.
//!
//! Invariants
//! - TRANSPORT-1: whatever goes wrong on the gate's route, the body says `"allow":false`.
//! - TRANSPORT-2: nobody is waited for without a limit: greeting, head, body, idling, reading our
//!   answer, a turn beside other tenants; on HTTP/2 each stream, too.
//! - TRANSPORT-3: no log line or error holds a path, query, header value or address.
//! - TRANSPORT-4: no id made here tells a tenant, or its system, how much others ask.

pub mod auth;
pub mod listen;
mod native;
pub mod options;
pub mod tls;

mod batch;
mod body;
mod cold;
mod connection;
mod contact;
mod drain;
mod events;
mod forward;
mod frames;
mod h2;
mod h3;
mod keeper;
mod quic;
mod refusal;
mod request_id;
mod route;
mod serve;
mod stream;
mod streams;
mod tap;
mod told;
mod turns;
mod watch;
mod webhook;

pub use listen::{Listeners, Serving};
pub use options::Options;
