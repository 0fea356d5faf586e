//! The few operations on files the ledger needs, so that a simulated disk can stand in.

mod direct;
mod files;
mod sim;

pub use files::FileDisk;
pub use sim::{SimDisk, Survivors};

use std::io;
use std::sync::Arc;

/// A flat directory of files.
pub trait Disk: Send + Sync {
    /// Names of the files present, in any order.
    ///
    /// # Errors
    /// As the system says.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Creates an empty file, replacing one of that name.
    ///
    /// # Errors
    /// As the system says.
    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>>;

    /// Opens a file for reading, and for writing in place if `write`.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] when there is none.
    fn open(&self, name: &str, write: bool) -> io::Result<Arc<dyn DiskFile>>;

    /// Gives a file another name, replacing one of that name.
    ///
    /// # Errors
    /// As the system says.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// As the system says.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes created, renamed and removed names durable.
    ///
    /// # Errors
    /// As the system says; after an error nothing may be assumed.
    fn sync_dir(&self) -> io::Result<()>;

    /// Bytes an unprivileged writer may still fill.
    ///
    /// # Errors
    /// As the system says.
    fn free_bytes(&self) -> io::Result<u64>;
}

/// One open file.
pub trait DiskFile: Send + Sync {
    /// Writes all of `bytes` at `offset`, which lies within what was written before or at its end.
    /// Whole sectors are written as they are; of others what is around `bytes` is kept.
    ///
    /// # Errors
    /// As the system says; part may have been written.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Reads at `offset` until `bytes` is full or the file ends; returns how much was read.
    ///
    /// # Errors
    /// As the system says.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Makes what was written durable.
    ///
    /// # Errors
    /// As the system says; after an error nothing may be assumed and it is never tried again.
    fn sync(&self) -> io::Result<()>;

    /// Says that what is durable of the file will hardly be read again: the system may use its
    /// memory otherwise. Changes nothing that can be read.
    fn forget(&self) {}

    /// Whether what is written waits in memory until a sync, or goes to the disk at once.
    fn is_cached(&self) -> bool {
        true
    }

    /// Length, bytes.
    ///
    /// # Errors
    /// As the system says.
    fn len(&self) -> io::Result<u64>;

    /// Whether it has no bytes.
    ///
    /// # Errors
    /// As the system says.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
}
