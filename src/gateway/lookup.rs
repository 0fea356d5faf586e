//! Finding one row again by its place in a tenant's chain. Blocks: never on a listening thread.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use crate::domain::ids::TenantNo;
use crate::engine::account_key;
use crate::ledger::data_dir::ledger_disk;
use crate::ledger::frame::{FrameView, RawRow};
use crate::ledger::segment::segment_name;
use crate::ledger::{Hash, Index};

/// Waits for the index to know a row that was just acknowledged: it lags at most a second.
const LAG_POLL: Duration = Duration::from_millis(20);
/// Looks before the row counts as unreadable.
const LAG_POLLS_MAX: u32 = 100;

/// What a row turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// No such row, not a decision, or of another account.
    Nothing,
    /// A decision that allowed and reserved.
    Allowed,
    /// A BLOCK or a dry run.
    NotAllowed,
    /// The ledger could not be read.
    Unreadable,
}

/// What the decision in row `seq` of a tenant was, if it was about `account`.
pub fn decision(
    index: &Index,
    dir: &Path,
    (tenant, _name): (TenantNo, &str),
    account: &str,
    seq: u64,
) -> Found {
    let read = row(index, dir, tenant, seq, |row| {
        let same = row.keys.first() == Some(&account_key(tenant, account));
        if same { read(row.body) } else { Found::Nothing }
    });
    match read {
        Ok(found) => found.unwrap_or(Found::Nothing),
        Err(Unreadable) => Found::Unreadable,
    }
}

/// The hash of row `seq` of a tenant's chain; `None` too when it cannot be read.
pub fn hash(index: &Index, dir: &Path, tenant: TenantNo, seq: u64) -> Option<Hash> {
    let found = row(index, dir, tenant, seq, |row| row.head.hash);
    found.ok().flatten()
}

/// The ledger could not be read.
#[derive(Debug)]
pub(super) struct Unreadable;

/// Finds a row and reads it; `None` when there is none.
pub(super) fn row<T>(
    index: &Index,
    dir: &Path,
    tenant: TenantNo,
    seq: u64,
    read: impl Fn(&RawRow<'_>) -> T,
) -> Result<Option<T>, Unreadable> {
    for _ in 0..LAG_POLLS_MAX {
        let place = index.locate(tenant.0, seq).map_err(|_failed| Unreadable)?;
        if let Some(pos) = place {
            let disk = ledger_disk(dir);
            let file = disk.open(&segment_name(pos.segment), false);
            let file = file.map_err(|_gone| Unreadable)?;
            let mut bytes = vec![0; pos.bytes as usize];
            if file.read_at(&mut bytes, pos.offset.into()).ok() != Some(bytes.len()) {
                return Err(Unreadable);
            }
            let frame = FrameView::parse(&bytes).map_err(|_damaged| Unreadable)?;
            let found = frame
                .rows()
                .find(|row| row.tenant == tenant.0 && row.head.seq == seq);
            if let Some(found) = found {
                return Ok(Some(read(&found)));
            }
        }
        std::thread::sleep(LAG_POLL);
    }
    Ok(None)
}

#[derive(Deserialize)]
struct Decided<'a> {
    #[serde(default)]
    b: u16,
    #[serde(default)]
    dr: u8,
    k: &'a str,
}

fn read(body: &[u8]) -> Found {
    match serde_json::from_slice::<Decided<'_>>(body) {
        Ok(row) if row.k == "d" && row.b == 0 && row.dr == 0 => Found::Allowed,
        Ok(row) if row.k == "d" => Found::NotAllowed,
        Ok(_) => Found::Nothing,
        Err(_cause) => Found::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_blocks_dry_runs_and_other_rows_apart() {
        assert_eq!(read(br#"{"a":1,"b":0,"k":"d"}"#), Found::Allowed);
        assert_eq!(read(br#"{"a":1,"b":64,"k":"d"}"#), Found::NotAllowed);
        assert_eq!(read(br#"{"a":1,"b":0,"dr":1,"k":"d"}"#), Found::NotAllowed);
        assert_eq!(read(br#"{"a":1,"k":"o"}"#), Found::Nothing);
        assert_eq!(read(b"x"), Found::Unreadable);
    }
}
