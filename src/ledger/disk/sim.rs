//! A disk in memory that forgets like a real one: unsynced sectors and unsynced names are lost,
//! or survive in part, when the power goes; a sync can fail; space can run out.
//!
//! Power goes *during* the sync with the number [`SimDisk::cut_at_sync`]: nothing of it counts as
//! done, and every later operation fails.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Disk, DiskFile};

const SECTOR: usize = 512;

/// Which unsynced sectors and names are found after the power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survivors {
    /// None.
    Nothing,
    /// All: the cache had just been written back.
    Everything,
    /// A subset drawn from this seed.
    Subset(u64),
}

#[derive(Debug, Clone, Default)]
struct Content {
    durable: Vec<u8>,
    current: Vec<u8>,
    dirty: BTreeSet<usize>,
}

#[derive(Debug, Default)]
struct State {
    files: Vec<Content>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    syncs: u64,
    cut_at_sync: Option<u64>,
    fail_at_sync: Option<u64>,
    capacity_bytes: Option<u64>,
}

/// The simulated disk; clones share it.
#[derive(Debug, Clone, Default)]
pub struct SimDisk {
    state: Arc<Mutex<State>>,
}

struct SimFile {
    disk: SimDisk,
    file: usize,
}

impl SimDisk {
    /// Syncs begun so far, of files and of the directory.
    pub fn syncs(&self) -> u64 {
        self.lock().syncs
    }

    /// The power goes during the `n`th sync, counted from 1 over the disk's life.
    pub fn cut_at_sync(&self, n: u64) {
        self.lock().cut_at_sync = Some(n);
    }

    /// The `n`th sync fails, and only that one.
    pub fn fail_at_sync(&self, n: u64) {
        self.lock().fail_at_sync = Some(n);
    }

    /// Files may hold this many bytes in all.
    pub fn set_capacity_bytes(&self, bytes: u64) {
        self.lock().capacity_bytes = Some(bytes);
    }

    /// What a machine finds on this disk after the power cut.
    #[must_use]
    pub fn after_power_cut(&self, survivors: Survivors) -> Self {
        let state = self.lock();
        let mut draw = Draw::new(survivors);
        let mut names = state.durable_names.clone();
        if state.names != state.durable_names && draw.survives() {
            names.clone_from(&state.names);
        }
        let mut files = Vec::new();
        let mut found = BTreeMap::new();
        for (name, &file) in &names {
            let mut content = state.files[file].durable.clone();
            for &sector in &state.files[file].dirty {
                if draw.survives() {
                    keep_sector(&mut content, &state.files[file].current, sector);
                }
            }
            found.insert(name.clone(), files.len());
            files.push(Content {
                current: content.clone(),
                durable: content,
                dirty: BTreeSet::new(),
            });
        }
        let after = State {
            files,
            names: found.clone(),
            durable_names: found,
            ..State::default()
        };
        Self {
            state: Arc::new(Mutex::new(after)),
        }
    }

    /// Bytes of a file as last written; `None` when there is none.
    pub fn content(&self, name: &str) -> Option<Vec<u8>> {
        let state = self.lock();
        state
            .names
            .get(name)
            .map(|&file| state.files[file].current.clone())
    }

    /// Replaces a file's bytes durably, as a tamperer would.
    pub fn tamper(&self, name: &str, bytes: Vec<u8>) {
        let mut state = self.lock();
        if let Some(&file) = state.names.get(name) {
            let dirty = BTreeSet::new();
            state.files[file] = Content {
                durable: bytes.clone(),
                current: bytes,
                dirty,
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic under the lock cannot leave a State half changed that matters to a test.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn powered(&self) -> io::Result<()> {
        match self.cut_at_sync {
            Some(n) if self.syncs >= n => Err(io::Error::other("the power is off")),
            _ => Ok(()),
        }
    }

    fn begin_sync(&mut self) -> io::Result<()> {
        self.powered()?;
        self.syncs += 1;
        self.powered()?;
        if self.fail_at_sync == Some(self.syncs) {
            return Err(io::Error::other("simulated sync failure"));
        }
        Ok(())
    }

    fn used_bytes(&self) -> u64 {
        self.names
            .values()
            .map(|&file| self.files[file].current.len() as u64)
            .sum()
    }

    fn file(&self, name: &str) -> io::Result<usize> {
        self.names
            .get(name)
            .copied()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Disk for SimDisk {
    fn list(&self) -> io::Result<Vec<String>> {
        let state = self.lock();
        state.powered()?;
        Ok(state.names.keys().cloned().collect())
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.lock();
        state.powered()?;
        let file = state.files.len();
        state.files.push(Content::default());
        state.names.insert(name.to_owned(), file);
        Ok(Arc::new(SimFile {
            disk: self.clone(),
            file,
        }))
    }

    fn open(&self, name: &str, _write: bool) -> io::Result<Arc<dyn DiskFile>> {
        let state = self.lock();
        state.powered()?;
        let file = state.file(name)?;
        Ok(Arc::new(SimFile {
            disk: self.clone(),
            file,
        }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.lock();
        state.powered()?;
        let file = state.file(from)?;
        state.names.remove(from);
        state.names.insert(to.to_owned(), file);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.lock();
        state.powered()?;
        state.file(name)?;
        state.names.remove(name);
        Ok(())
    }

    fn sync_dir(&self) -> io::Result<()> {
        let mut state = self.lock();
        state.begin_sync()?;
        state.durable_names = state.names.clone();
        Ok(())
    }

    fn free_bytes(&self) -> io::Result<u64> {
        let state = self.lock();
        state.powered()?;
        Ok(state
            .capacity_bytes
            .map_or(u64::MAX, |c| c.saturating_sub(state.used_bytes())))
    }
}

impl DiskFile for SimFile {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut state = self.disk.lock();
        state.powered()?;
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let end = start + bytes.len();
        let grows = end.saturating_sub(state.files[self.file].current.len()) as u64;
        if state
            .capacity_bytes
            .is_some_and(|c| state.used_bytes() + grows > c)
        {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let content = &mut state.files[self.file];
        if content.current.len() < end {
            content.current.resize(end, 0);
        }
        content.current[start..end].copy_from_slice(bytes);
        content.dirty.extend(start / SECTOR..end.div_ceil(SECTOR));
        Ok(())
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = self.disk.lock();
        state.powered()?;
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let rest = state.files[self.file]
            .current
            .get(start..)
            .unwrap_or_default();
        let len = rest.len().min(bytes.len());
        bytes[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.lock();
        state.begin_sync()?;
        let content = &mut state.files[self.file];
        for sector in std::mem::take(&mut content.dirty) {
            keep_sector(&mut content.durable, &content.current, sector);
        }
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        let state = self.disk.lock();
        state.powered()?;
        Ok(state.files[self.file].current.len() as u64)
    }
}

fn keep_sector(durable: &mut Vec<u8>, current: &[u8], sector: usize) {
    let start = sector * SECTOR;
    let end = (start + SECTOR).min(current.len());
    if durable.len() < end {
        durable.resize(end, 0);
    }
    durable[start..end].copy_from_slice(&current[start..end]);
}

/// Draws which sectors survive: xorshift, so that a seed printed is a run repeated.
struct Draw {
    survivors: Survivors,
    state: u64,
}

impl Draw {
    fn new(survivors: Survivors) -> Self {
        let state = match survivors {
            Survivors::Subset(seed) => seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            _ => 1,
        };
        Self { survivors, state }
    }

    fn survives(&mut self) -> bool {
        match self.survivors {
            Survivors::Nothing => false,
            Survivors::Everything => true,
            Survivors::Subset(_) => {
                self.state ^= self.state << 13;
                self.state ^= self.state >> 7;
                self.state ^= self.state << 17;
                self.state & 0x10_0000 != 0
            }
        }
    }
}
