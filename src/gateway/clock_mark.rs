//! A doubt about the clock outlives a restart: `DIR/CLOCK` holds the time of the last row that was written
//! before the clock was found far ahead of it. Rows written in doubt move the head along; judged by them, the
//! next start would believe the same clock.
//!
//! Invariant DOUBT-1: a clock found far ahead at a start is believed only once somebody has accepted it.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::domain::time::UnixSeconds;

const NAME: &str = "CLOCK";
/// More than any instant is long.
const BYTES_MAX: usize = 32;

/// The file, whether it is there or not.
#[derive(Debug)]
pub(super) struct ClockMark {
    dir: PathBuf,
}

impl ClockMark {
    /// Of this data directory.
    pub(super) fn of(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
        }
    }

    /// The time of the last row before the doubt; `None`: there is no doubt.
    ///
    /// # Errors
    /// As the system says; [`ErrorKind::InvalidData`] when it holds something else.
    pub(super) fn read(&self) -> io::Result<Option<UnixSeconds>> {
        let bytes = match fs::read(self.dir.join(NAME)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let text = bytes.get(..bytes.len().min(BYTES_MAX)).unwrap_or_default();
        let text = std::str::from_utf8(text).ok().map(str::trim);
        let seconds = text.and_then(|text| text.parse().ok());
        let seconds = seconds.ok_or(ErrorKind::InvalidData)?;
        Ok(Some(UnixSeconds(seconds)))
    }

    /// Keeps that time, durably.
    ///
    /// # Errors
    /// As the system says.
    pub(super) fn keep(&self, head: UnixSeconds) -> io::Result<()> {
        let fresh = self.dir.join("CLOCK.new");
        let mut file = File::create(&fresh)?;
        writeln!(file, "{}", head.0)?;
        file.sync_all()?;
        fs::rename(fresh, self.dir.join(NAME))?;
        File::open(&self.dir)?.sync_all()
    }

    /// Somebody has accepted the clock.
    ///
    /// # Errors
    /// As the system says; the next start may then ask again.
    pub(super) fn forget(&self) -> io::Result<()> {
        match fs::remove_file(self.dir.join(NAME)) {
            Ok(()) => File::open(&self.dir)?.sync_all(),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// DOUBT-1: what was kept is read until it is forgotten, and what is no instant is a doubt, too.
    #[test]
    fn what_was_kept_is_read_until_it_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let mark = ClockMark::of(dir.path());
        assert_eq!(mark.read().unwrap(), None);
        for head in [UnixSeconds(1_800_000_000), UnixSeconds(0)] {
            mark.keep(head).unwrap();
            assert_eq!(ClockMark::of(dir.path()).read().unwrap(), Some(head));
        }
        mark.forget().unwrap();
        mark.forget().unwrap();
        assert_eq!(mark.read().unwrap(), None);
        for text in ["", "soon", "1800000000 1", "\u{ff}"] {
            fs::write(dir.path().join(NAME), text).unwrap();
            let told = mark.read().unwrap_err().kind();
            assert_eq!(told, ErrorKind::InvalidData, "{text}");
        }
    }
}
