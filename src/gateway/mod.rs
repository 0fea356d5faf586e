//! Where engine and ledger meet, and what transports may ask of them.

pub mod archive;
mod at_the_door;
pub mod batch;
pub mod contact;
pub mod core;
pub mod door;
pub mod fair;
pub mod health;
pub mod inbox;
mod intake;
pub mod keys_report;
pub mod lookup;
pub mod mailbox;
pub mod outcome;
pub mod recovery;
pub mod redecide;
pub mod running;
pub mod signal;
mod slices;
pub mod snapshots;
pub mod status;
pub mod subject;
pub mod take_in;
pub mod tls_report;
pub mod work;
pub mod writer;
