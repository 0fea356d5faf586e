//! Bytes to domain and back: bodies, answers, limits. Pure: no socket, no clock, no file.
//!
//! Invariants
//! - WIRE-1: only [`answer::push_decision`] of findings that block nothing writes `"allow":true`.
//! - WIRE-2: no error repeats a value a caller sent, except the ids an answer publishes; an unknown
//!   field or column is named only if its name can be nothing else.

pub mod limits;

pub mod email;
pub mod field;
pub mod json_text;
mod object;
pub mod other_method;
pub mod query;

pub mod audit;
pub mod batch;
pub mod compliance;
pub mod dashboard;
pub mod dialer;
pub mod disposition;
pub mod do_not_call;
pub mod floor;
pub mod frame;
pub mod head;
pub mod ingest;
pub mod intent;
pub mod lines;
pub mod marks;
pub mod monitoring;
pub mod native;
pub mod openapi;
pub mod outbox;
pub mod page;
pub mod scopes;
pub mod sieve;
pub mod stated;

pub mod answer;
pub mod problem;
pub mod reference;
pub mod reply;

pub mod record;
pub mod row;
pub mod subject;
