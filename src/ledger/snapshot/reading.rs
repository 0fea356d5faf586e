//! Finding snapshots again, and reading them.

use std::collections::HashSet;
use std::io;
use std::ops::Range;

use crossbeam::channel::{Sender, bounded};

use super::SnapshotMeta;
use super::file::{Sealed, Volume, entries, file_number};
use crate::ledger::disk::Disk;

/// Parts between the thread that reads and checks and those that take pages apart, and between these
/// and the one that restores.
const PARTS_AHEAD_MAX: usize = 8;
/// Threads that take pages apart.
const TAKING_APART: usize = 2;

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

/// Hands over every page, from the newest file that has it: one thread reads and checks, some take pages
/// apart with `read`, and the caller's puts them together with `take`.
pub(super) fn load<T: Send>(
    disk: &dyn Disk,
    kept: &Kept,
    read: impl Fn(u8, u32, &[u8]) -> T + Sync,
    mut take: impl FnMut(T),
) -> Result<(), SnapshotDamage> {
    let (full, parts) = bounded::<Part>(PARTS_AHEAD_MAX);
    let (done, pages) = bounded::<Vec<T>>(PARTS_AHEAD_MAX);
    let read = &read;
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || read_ahead(disk, kept, &full));
        for _ in 0..TAKING_APART {
            let (parts, done) = (parts.clone(), done.clone());
            let mut apart = parts.into_iter().map(move |part| part.take_apart(read));
            scope.spawn(move || apart.all(|pages| done.send(pages).is_ok()));
        }
        drop((parts, done));
        pages.iter().flatten().for_each(&mut take);
        match reader.join() {
            Ok(read) => read,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// A checked part, and where in it the pages lie that no newer file has.
struct Part {
    body: Vec<u8>,
    pages: Vec<(u8, u32, Range<usize>)>,
}

impl Part {
    fn take_apart<T>(&self, read: impl Fn(u8, u32, &[u8]) -> T) -> Vec<T> {
        let bytes = |place: &Range<usize>| self.body.get(place.clone()).unwrap_or_default();
        let pages = self.pages.iter();
        pages
            .map(|(table, number, place)| read(*table, *number, bytes(place)))
            .collect()
    }
}

fn read_ahead(disk: &dyn Disk, kept: &Kept, full: &Sender<Part>) -> Result<(), SnapshotDamage> {
    let mut seen = Seen::default();
    let oldest = kept.volumes.len().saturating_sub(1);
    for (at, volume) in kept.volumes.iter().enumerate() {
        let mut whole = true;
        volume.read(disk, |body| {
            let mut pages = Vec::new();
            let mut left = entries(body);
            for (table, page, place) in left.by_ref() {
                if seen.is_new((table, page), at == oldest) {
                    pages.push((table, page, place));
                }
            }
            whole = whole && left.is_whole();
            let body = std::mem::take(body);
            full.send(Part { body, pages }).is_ok()
        })?;
        if !whole {
            return Err(SnapshotDamage::Part);
        }
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
