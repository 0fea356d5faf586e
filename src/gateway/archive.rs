//! Packs and policies kept by hash in the data directory: what a row's activation names can be read
//! for as long as the row.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::domain::hex::hex;

/// Keeps `bytes` as `DIR/archive/KIND-HASH`, durably, unless it is there.
///
/// # Errors
/// As the system says.
pub fn keep(dir: &Path, kind: &str, hash: &[u8; 32], bytes: &[u8]) -> std::io::Result<()> {
    let place = path(dir, kind, hash);
    if place.exists() {
        return Ok(());
    }
    let folder = dir.join("archive");
    std::fs::create_dir_all(&folder)?;
    let half = place.with_extension("new");
    let mut file = std::fs::File::create(&half)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&half, &place)?;
    std::fs::File::open(&folder)?.sync_all()
}

/// Reads what was kept.
///
/// # Errors
/// As the system says.
pub fn read(dir: &Path, kind: &str, hash: &[u8; 32]) -> std::io::Result<Vec<u8>> {
    std::fs::read(path(dir, kind, hash))
}

fn path(dir: &Path, kind: &str, hash: &[u8; 32]) -> PathBuf {
    dir.join("archive").join(format!("{kind}-{}", hex(hash)))
}
