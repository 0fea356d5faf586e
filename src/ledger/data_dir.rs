//! The data directory: one process at a time, one format version.
//!
//! `DIR/LOCK` is locked for the life of the process (the file itself means nothing), `DIR/FORMAT`
//! holds `dialgate 1` and a line feed, `DIR/ledger/` the segments, `DIR/index.redb` the index,
//! `DIR/snapshot/` the state's snapshot.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{FlockOperation, flock};

use super::disk::{Disk, FileDisk};

const FORMAT: &str = "dialgate 1\n";

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another process has it.
    #[error("another process holds the lock of this data directory")]
    Locked,
    /// Written by another version.
    #[error("the data directory has another format; this version reads `dialgate 1`")]
    Format,
    /// There are segments but no FORMAT file.
    #[error("the data directory has segments but no FORMAT file")]
    FormatMissing,
    /// The file system refused.
    #[error("data directory: {step}")]
    Io {
        /// What was being done.
        step: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// A data directory held exclusively; dropping it lets go.
#[derive(Debug)]
pub struct DataDir {
    dir: PathBuf,
    _lock: File,
}

fn io_error(step: &'static str) -> impl Fn(io::Error) -> DataDirError {
    move |source| DataDirError::Io { step, source }
}

impl DataDir {
    /// Creates the directory if need be, takes its lock and checks its format.
    ///
    /// # Errors
    /// [`DataDirError`].
    pub fn open(dir: &Path) -> Result<Self, DataDirError> {
        fs::create_dir_all(dir.join("ledger")).map_err(io_error("create"))?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(dir.join("LOCK"))
            .map_err(io_error("open LOCK"))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(DataDirError::Locked),
            Err(e) => return Err(io_error("lock")(e.into())),
        }
        let held = Self {
            dir: dir.to_path_buf(),
            _lock: lock,
        };
        held.check_format()?;
        Ok(held)
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// The disk the segments lie on.
    pub fn disk(&self) -> Arc<dyn Disk> {
        ledger_disk(&self.dir)
    }

    /// File of the index.
    pub fn index_path(&self) -> PathBuf {
        self.dir.join("index.redb")
    }

    /// The disk the state's snapshot lies on, its directory made if need be. A snapshot of a build that
    /// kept it in one database goes: nobody would read it, and it holds personal data.
    ///
    /// # Errors
    /// [`DataDirError::Io`].
    pub fn snapshot_disk(&self) -> Result<Arc<dyn Disk>, DataDirError> {
        let dir = self.dir.join("snapshot");
        fs::create_dir_all(&dir).map_err(io_error("create snapshot"))?;
        match fs::remove_file(self.dir.join("snapshot.redb")) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                Err(io_error("remove snapshot.redb")(e))
            }
            _ => Ok(Arc::new(FileDisk::new(&dir))),
        }
    }

    fn check_format(&self) -> Result<(), DataDirError> {
        match fs::read_to_string(self.dir.join("FORMAT")) {
            Ok(found) if found == FORMAT => Ok(()),
            Ok(_) => Err(DataDirError::Format),
            Err(e) if e.kind() == io::ErrorKind::NotFound => self.write_format(),
            Err(e) => Err(io_error("read FORMAT")(e)),
        }
    }

    fn write_format(&self) -> Result<(), DataDirError> {
        let names = self.disk().list().map_err(io_error("list"))?;
        if names
            .iter()
            .any(|n| super::segment::segment_number(n).is_some())
        {
            return Err(DataDirError::FormatMissing);
        }
        let write = || {
            let fresh = self.dir.join("FORMAT.new");
            let mut file = File::create(&fresh)?;
            file.write_all(FORMAT.as_bytes())?;
            file.sync_all()?;
            fs::rename(fresh, self.dir.join("FORMAT"))?;
            File::open(&self.dir)?.sync_all()?;
            // The directory's own name, so that a fresh ledger survives a power cut.
            match self.dir.canonicalize()?.parent() {
                Some(parent) => File::open(parent)?.sync_all(),
                None => Ok(()),
            }
        };
        write().map_err(io_error("write FORMAT"))
    }
}

/// The segments of a data directory, for readers that take no lock.
pub fn ledger_disk(dir: &Path) -> Arc<dyn Disk> {
    Arc::new(FileDisk::new(&dir.join("ledger")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_at_a_time_and_one_format() {
        let dir = tempfile::tempdir().unwrap();
        let held = DataDir::open(dir.path()).unwrap();
        assert!(matches!(
            DataDir::open(dir.path()),
            Err(DataDirError::Locked)
        ));
        drop(held);
        drop(DataDir::open(dir.path()).unwrap());
        fs::write(dir.path().join("FORMAT"), "dialgate 2\n").unwrap();
        assert!(matches!(
            DataDir::open(dir.path()),
            Err(DataDirError::Format)
        ));
        fs::remove_file(dir.path().join("FORMAT")).unwrap();
        fs::write(dir.path().join("ledger/seg-00000001.dgl"), "").unwrap();
        assert!(matches!(
            DataDir::open(dir.path()),
            Err(DataDirError::FormatMissing)
        ));
    }
}
