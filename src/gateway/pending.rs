//! The frame that is being filled, and who waits for it.

use super::work::{Delivered, ReplyTo};
use crate::domain::ids::TenantNo;
use crate::engine::commands::{RowSink, SealedSubject};
use crate::ledger::{Batch, Chains, FrameBuilder, FreeFrames, Handover, Head, Subject};

/// What waits for one frame to be durable.
#[derive(Debug, Default)]
pub struct Waiting {
    /// Answers.
    pub answers: Vec<(ReplyTo, Delivered)>,
    /// Heads after the frame, of the chains it extends.
    pub heads: Vec<(TenantNo, Head)>,
}

/// The pending frame.
#[derive(Debug)]
pub struct Pending {
    pub(super) frame: FrameBuilder,
    pub(super) waiting: Waiting,
}

impl Pending {
    /// Nothing pending.
    pub fn new(frame: FrameBuilder) -> Self {
        Self {
            frame,
            waiting: Waiting::default(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frame.is_empty() && self.waiting.answers.is_empty()
    }
}

/// Rows into the pending frame.
pub(super) struct Rows<'a> {
    pub(super) pending: &'a mut Pending,
    pub(super) chains: &'a mut Chains,
    pub(super) handover: &'a mut Handover<Waiting>,
    pub(super) free: &'a FreeFrames,
    pub(super) frames: &'a mut u64,
    /// The house is sealed: nothing is appended.
    pub(super) sealed: bool,
    /// A row was refused: neither it nor what would follow is in the frame.
    pub(super) broken: bool,
}

impl Rows<'_> {
    fn push(
        &mut self,
        (tenant, seq): (TenantNo, u64),
        body: &[u8],
        subjects: &[Subject<'_>],
        keys: [u64; 2],
    ) {
        if self.sealed || self.broken {
            return;
        }
        // The engine counts a chain's rows on its own; an answer must name the row it is in.
        let head = self.chains.head(tenant.0).unwrap_or_default();
        if head.seq + 1 != seq {
            self.broken = true;
            return;
        }
        let bytes = subjects.iter().map(|s| s.bytes.len()).sum();
        if !self
            .pending
            .frame
            .has_room(body.len(), subjects.len(), bytes)
        {
            let batch = take(self.pending, self.free, self.frames);
            self.handover.send(batch);
        }
        let frame = &mut self.pending.frame;
        match frame.push(self.chains, tenant.0, body, subjects, keys) {
            Ok(head) => {
                let heads = &mut self.pending.waiting.heads;
                match heads.iter_mut().find(|(no, _)| *no == tenant) {
                    Some(known) => known.1 = head,
                    None => heads.push((tenant, head)),
                }
            }
            // A row that no frame takes would leave a hole between state and ledger.
            Err(_refused) => self.broken = true,
        }
    }
}

impl RowSink for Rows<'_> {
    fn row(
        &mut self,
        tenant: TenantNo,
        seq: u64,
        body: &[u8],
        subjects: &[&SealedSubject],
        keys: [u64; 2],
    ) {
        if let [one] = subjects {
            let one = [Subject {
                salt: one.salt,
                bytes: &one.bytes,
            }];
            return self.push((tenant, seq), body, &one, keys);
        }
        let all: Vec<Subject<'_>> = subjects
            .iter()
            .map(|s| Subject {
                salt: s.salt,
                bytes: &s.bytes,
            })
            .collect();
        self.push((tenant, seq), body, &all, keys);
    }
}

/// Takes the frame out, an empty one in its place.
pub(super) fn take(pending: &mut Pending, free: &FreeFrames, frames: &mut u64) -> Batch<Waiting> {
    *frames += u64::from(!pending.frame.is_empty());
    let frame = std::mem::replace(&mut pending.frame, free.take());
    Batch {
        frame,
        replies: std::mem::take(&mut pending.waiting),
    }
}
