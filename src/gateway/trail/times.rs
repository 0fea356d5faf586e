//! Which rows lie between two instants.
//!
//! Engine time goes back only where an operator accepts the clock, so a chain is a few runs of rows
//! whose instants rise, and halving finds its way in each.

use std::ops::Range;

use crate::domain::ids::TenantNo;
use crate::domain::time::UnixSeconds;
use crate::ledger::{FindError, Reading};
use crate::wire::limits::CLOCK_ROWS_MAX;
use crate::wire::marks::{Class, EventKind, Marks};

/// The first row of a tenant at or after an instant; `newest + 1` when there is none up to `newest`:
/// at most 2 log2(newest) entries of the index and log2(newest) frames a run.
pub(in crate::gateway) fn first_at(
    reading: &mut Reading<'_>,
    tenant: TenantNo,
    at: UnixSeconds,
    newest: u64,
) -> Result<u64, FindError> {
    for run in runs(reading, tenant, newest)? {
        let end = run.end;
        let found = halve(reading, tenant, at, run)?;
        if found < end {
            return Ok(found);
        }
    }
    Ok(newest + 1)
}

/// The row after the last one before an instant; 1 when there is none. While engine time never went
/// back that is the first at or after it.
pub(in crate::gateway) fn end_before(
    reading: &mut Reading<'_>,
    tenant: TenantNo,
    at: UnixSeconds,
    newest: u64,
) -> Result<u64, FindError> {
    for run in runs(reading, tenant, newest)?.into_iter().rev() {
        let start = run.start;
        let found = halve(reading, tenant, at, run)?;
        if found > start {
            return Ok(found);
        }
    }
    Ok(1)
}

/// Runs of rows whose instants rise, oldest first. Of more than [`CLOCK_ROWS_MAX`] acts of operators
/// the newest are looked at.
fn runs(
    reading: &mut Reading<'_>,
    tenant: TenantNo,
    newest: u64,
) -> Result<Vec<Range<u64>>, FindError> {
    let key = Class::Event(EventKind::Operation).key();
    let acts = reading.posted((tenant.0, key), (2, newest + 1), CLOCK_ROWS_MAX)?;
    let mut runs = Vec::new();
    let mut start = 1;
    for seq in acts.seqs.into_iter().rev() {
        let accepted = reading.row(tenant.0, seq, |row, _| is_clock(row.body))?;
        if accepted && at_of(reading, tenant, seq)? < at_of(reading, tenant, seq - 1)? {
            runs.push(start..seq);
            start = seq;
        }
    }
    runs.push(start..newest + 1);
    Ok(runs)
}

/// The first row of a run at or after an instant; its end when there is none.
fn halve(
    reading: &mut Reading<'_>,
    tenant: TenantNo,
    at: UnixSeconds,
    run: Range<u64>,
) -> Result<u64, FindError> {
    let (mut low, mut high) = (run.start, run.end);
    while low < high {
        let middle = low + (high - low) / 2;
        if at_of(reading, tenant, middle)? < at.0 {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

fn at_of(reading: &mut Reading<'_>, tenant: TenantNo, seq: u64) -> Result<i64, FindError> {
    let at = reading.row(tenant.0, seq, |row, _| {
        Marks::read(row.body).map(|marks| marks.at)
    })?;
    at.ok_or(FindError::Damaged)
}

/// Whether a row is an operator's acceptance of the clock.
fn is_clock(body: &[u8]) -> bool {
    let op = b"\"op\":\"clock\"";
    body.windows(op.len()).any(|part| part == op)
}
