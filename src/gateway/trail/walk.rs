//! One page of a walk: rows newest first, those that fit, and where the next page begins.

use std::ops::ControlFlow;

use crate::domain::ids::TenantNo;
use crate::ledger::frame::RawRow;
use crate::ledger::row::FramePos;
use crate::ledger::{FindError, Reading};

/// Postings fetched at once under a key.
const BATCH: usize = 256;

/// Where the rows come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::gateway) enum Source {
    /// The whole chain.
    Chain,
    /// Rows posted under any of these keys.
    Posted(Vec<u64>),
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::gateway) struct Walked<T> {
    /// What fitted.
    pub(in crate::gateway) items: Vec<T>,
    /// The next page is of rows before this one; `None`: there are none.
    pub(in crate::gateway) next: Option<u64>,
}

/// Walks rows with seq in `floor..below` until `limit` of them fitted or the reading is spent.
/// `take` makes an item of a row that fits.
pub(in crate::gateway) fn walk<T>(
    reading: &mut Reading<'_>,
    (tenant, source): (TenantNo, &Source),
    (floor, below): (u64, u64),
    limit: usize,
    mut take: impl FnMut(&RawRow<'_>, FramePos) -> Option<T>,
) -> Result<Walked<T>, FindError> {
    let floor = floor.max(1);
    let mut items = Vec::new();
    let mut visit = |row: &RawRow<'_>, pos: FramePos| {
        items.extend(take(row, pos));
        if items.len() >= limit {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let next = match source {
        Source::Chain => reading.chain(tenant.0, (floor, below), visit)?,
        Source::Posted(keys) => posted(reading, (tenant, keys), (floor, below), &mut visit)?,
    };
    let next = next.filter(|next| *next > floor);
    Ok(Walked { items, next })
}

/// The same by keys; down to which row it has looked.
fn posted(
    reading: &mut Reading<'_>,
    (tenant, keys): (TenantNo, &[u64]),
    (floor, mut below): (u64, u64),
    visit: &mut impl FnMut(&RawRow<'_>, FramePos) -> ControlFlow<()>,
) -> Result<Option<u64>, FindError> {
    while below > floor {
        let (mut seqs, mut complete_to) = (Vec::new(), floor);
        for key in keys {
            let found = reading.posted((tenant.0, *key), (floor, below), BATCH)?;
            complete_to = complete_to.max(found.complete_to);
            seqs.extend(found.seqs);
        }
        // Below it one of the keys may have rows that were not looked for.
        seqs.retain(|seq| *seq >= complete_to);
        seqs.sort_unstable_by(|a, b| b.cmp(a));
        seqs.dedup();
        let mut stopped = false;
        let looked = reading.rows(tenant.0, &seqs, |row, pos| {
            let flow = visit(row, pos);
            stopped = flow.is_break();
            flow
        })?;
        if stopped || looked != seqs.last().copied() {
            return Ok(looked);
        }
        below = complete_to;
        if reading.effort().spent() {
            return Ok(Some(below));
        }
    }
    Ok(None)
}
