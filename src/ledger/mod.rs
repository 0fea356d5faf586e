//! The ledger: what was decided, in order, for good.
//!
//! It stores opaque rows. Each row extends its tenant's chain; the rows of one commit form a
//! frame; frames are numbered and chained over all tenants and lie in pre-zeroed segment files.
//! It must never know what a row means, what time it is, or who the people are; what its index notes
//! of a body, `wire::marks` reads.
//!
//! ```text
//! engine thread      FrameBuilder::push: link, hash, copy            chain, frame
//!   | in place, or rendezvous while there is other work              handover
//! committer          write, sync, release                            committer, store, segment_store
//!   | bounded queue  never waited for
//! follower thread    frame index, postings, watermark                index (redb)
//! beside them        next segment zeroed ahead; sealed ones scrubbed prepare, scrub
//! without a lock     verify, heads, export, erase                    reader, verify, export, erase
//! ```
//!
//! To start: [`OpenLedger::open`] (lock, format, index) -> the caller loads its snapshot ->
//! [`OpenLedger::recover`] (verify, cut a torn tail, rows to a callback) -> [`OpenLedger::start`].
//!
//! # Invariants
//!
//! Each has a check in the code and a test whose name begins with its number.
//!
//! - **LEDGER-1** released <= durable <= written: no batch is released with `Ok` before its frame
//!   is synced. Check: `Committed` is made after the sync.
//! - **LEDGER-2** watermark <= durable: the index never knows a frame that could be lost. Check:
//!   the follower is told after the sync and reads no further than `durable_frame`.
//! - **LEDGER-3** chains have no gap: seq follows seq, each hash its predecessor's. Check:
//!   `FrameView::check` on every read.
//! - **LEDGER-4** frames have no gap: number and hash follow, across segments. Check: the scanner.
//! - **LEDGER-5** after a failed write or sync nothing is written or synced again. Check: the seal
//!   is looked at before every write.
//! - **LEDGER-6** only an incomplete last frame above the watermark is ever cut; anything else that
//!   does not verify is damage, and the ledger opens sealed. Check: `Scanner`, `recover`.
//! - **LEDGER-7** erasing a subject changes no hash. Check: subject blocks lie outside every hash.
//! - **LEDGER-8** the committer waits for nobody but the disk: it drops what the follower does not
//!   take. Check: `try_send`; the follower reads gaps from the segments.
//! - **LEDGER-9** a snapshot is never ahead of the durable rows. Check: `SnapshotStore::commit`.

pub mod background;
pub(crate) mod bytes;
pub mod chain;
pub mod committer;
pub mod data_dir;
pub mod disk;
pub mod erase;
pub mod export;
pub mod frame;
mod handle;
pub mod handover;
pub mod index;
pub mod limits;
mod prepare;
pub mod reader;
pub mod recovery;
pub mod row;
pub mod scan;
pub mod scrub;
pub mod seal;
pub mod segment;
pub mod segment_store;
pub mod snapshot;
pub mod store;
pub mod verify;
pub mod walk;

pub use chain::{ChainError, Chains};
pub use committer::{CommitStatus, Committed, FreeFrames, Monotonic};
pub use frame::{FrameBuilder, RowError, RowView};
pub use handle::{Ledger, OpenError, OpenLedger, Options, RecoverError};
pub use handover::{Batch, Handover};
pub use index::{Effort, FindError, Finder, Index, IndexError, Posted, Reading};
pub use recovery::{Recovered, RecoveryError, Replay};
pub use row::{Hash, Head, RowRef, Subject, SubjectView, TenantNo};
pub use seal::{Damage, SealReason};
pub use snapshot::{SnapshotDamage, SnapshotError, SnapshotMeta, SnapshotStore, SnapshotWrite};

#[cfg(test)]
mod tests;
