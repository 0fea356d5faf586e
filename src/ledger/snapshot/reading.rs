//! Finding snapshots again, and reading them.

use std::collections::HashSet;
use std::io;

use crossbeam::channel::{Receiver, Sender, bounded};

use super::SnapshotMeta;
use super::file::{Sealed, Volume, entries, file_number};
use crate::ledger::disk::Disk;

/// Parts between the thread that reads and checks and the one that restores.
const PARTS_AHEAD_MAX: usize = 8;

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotDamage {
    /// The disk.
    #[error("snapshot cannot be read")]
    Io(#[from] io::Error),
    /// A part is missing, cut short, out of place or altered.
    #[error("a part of the snapshot is damaged")]
    Part,
    /// The parts are not those that were sealed.
    #[error("the snapshot's end does not match its parts")]
    Seal,
}

/// A snapshot that was found: the newest file of it, and those it adds to.
#[derive(Debug)]
pub struct Kept {
    meta: SnapshotMeta,
    /// Newest first; the last one has every page.
    volumes: Vec<Volume>,
}

impl Kept {
    /// What it stands for.
    pub fn meta(&self) -> &SnapshotMeta {
        &self.meta
    }

    pub(super) fn chain(&self) -> Vec<(Sealed, u64)> {
        let files = self.volumes.iter().rev();
        files.map(|volume| (volume.sealed, volume.bytes)).collect()
    }
}

/// Every snapshot both of whose ends read, newest first.
pub(super) fn kept(disk: &dyn Disk) -> Vec<Kept> {
    let names = disk.list().unwrap_or_default();
    let mut numbers: Vec<u64> = names.iter().filter_map(|name| file_number(name)).collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    let newest_first = numbers.into_iter();
    newest_first
        .filter_map(|number| kept_at(disk, number))
        .collect()
}

/// The snapshot whose newest file has this number.
fn kept_at(disk: &dyn Disk, number: u64) -> Option<Kept> {
    let newest = Volume::open(disk, number).ok()?;
    let meta = SnapshotMeta {
        frame: newest.head.frame,
        bytes: newest.head.bytes.clone(),
    };
    let mut volumes = vec![newest];
    while let Some(after) = volumes.last().and_then(|volume| volume.head.after) {
        // Each has a smaller number than the one before, so this ends.
        let newer = volumes.last().map_or(0, |volume| volume.sealed.number);
        let older = Volume::open(disk, after.number).ok()?;
        if older.sealed != after || after.number >= newer {
            return None;
        }
        volumes.push(older);
    }
    Some(Kept { meta, volumes })
}

/// Hands over every page, from the newest file that has it.
pub(super) fn load(
    disk: &dyn Disk,
    kept: &Kept,
    mut page: impl FnMut(u8, u32, &[u8]),
) -> Result<(), SnapshotDamage> {
    let (full, parts) = bounded::<(usize, Vec<u8>)>(PARTS_AHEAD_MAX);
    let (empty, used) = bounded::<Vec<u8>>(PARTS_AHEAD_MAX + 2);
    let mut seen = Seen::default();
    let oldest = kept.volumes.len().saturating_sub(1);
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || read_ahead(disk, kept, &full, &used));
        let mut whole = true;
        for (volume, body) in &parts {
            for entry in entries(&body) {
                match entry {
                    Some((table, number, bytes)) => {
                        if seen.is_new((table, number), volume == oldest) {
                            page(table, number, bytes);
                        }
                    }
                    None => whole = false,
                }
            }
            // The reader has ended when nobody takes the buffer back.
            drop(empty.try_send(body));
        }
        let read = match reader.join() {
            Ok(read) => read,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        read.and(if whole {
            Ok(())
        } else {
            Err(SnapshotDamage::Part)
        })
    })
}

fn read_ahead(
    disk: &dyn Disk,
    kept: &Kept,
    full: &Sender<(usize, Vec<u8>)>,
    used: &Receiver<Vec<u8>>,
) -> Result<(), SnapshotDamage> {
    for (at, volume) in kept.volumes.iter().enumerate() {
        volume.read(disk, |body| {
            let next = used.try_recv().unwrap_or_default();
            full.send((at, std::mem::replace(body, next))).is_ok()
        })?;
    }
    Ok(())
}

/// Pages handed over. Those of the oldest file need no note: no other file follows, and a page is in
/// a file once.
#[derive(Default)]
struct Seen(HashSet<(u8, u32)>);

impl Seen {
    fn is_new(&mut self, page: (u8, u32), oldest: bool) -> bool {
        if oldest {
            self.0.is_empty() || !self.0.contains(&page)
        } else {
            self.0.insert(page)
        }
    }
}
