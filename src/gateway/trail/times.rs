//! Which row was the first at an instant.

use crate::domain::ids::TenantNo;
use crate::domain::time::UnixSeconds;
use crate::ledger::{FindError, Reading};
use crate::wire::marks::Marks;

/// The first row of a tenant at or after an instant; `newest + 1` when there is none up to `newest`.
/// Engine time never goes back, so halving finds it: at most 2 log2(newest) entries of the index and
/// log2(newest) frames.
pub(in crate::gateway) fn first_at(
    reading: &mut Reading<'_>,
    tenant: TenantNo,
    at: UnixSeconds,
    newest: u64,
) -> Result<u64, FindError> {
    let (mut low, mut high) = (1, newest + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let of = reading.row(tenant.0, middle, |row, _| {
            Marks::read(row.body).map(|marks| marks.at)
        })?;
        if of.ok_or(FindError::Damaged)? < at.0 {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}
