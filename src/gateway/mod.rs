//! Where engine and ledger meet, and what transports may ask of them.

mod ahead;
pub mod archive;
mod asking;
mod at_the_door;
pub mod batch;
pub mod contact;
pub mod core;
#[cfg(test)]
mod core_tests;
pub mod dialers;
pub mod directory;
pub mod door;
pub mod enact;
pub mod fair;
pub mod floor;
pub mod health;
pub mod inbox;
mod intake;
pub mod keys_report;
pub mod law_diff;
pub mod law_report;
pub mod laws;
pub mod listing;
pub mod lookup;
pub mod mailbox;
mod native;
pub mod pending;
pub mod presence;
pub mod recovery;
pub mod redecide;
pub mod rests;
pub mod running;
pub mod signal;
mod slices;
pub mod snapshots;
pub mod sor;
pub mod status;
mod stream_slice;
pub mod subject;
pub mod take_in;
pub mod tls_report;
pub mod trail;
mod volumes;
pub mod work;
pub mod writer;
#[cfg(test)]
mod writer_tests;
