//! The demo's signing secret: made once, readable by its owner only.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::exit::{Exit, Failure};
use crate::config::Secret;

/// Random bytes of a new secret; it is written as twice as many hexadecimal digits.
const RANDOM_BYTES: usize = 32;
/// Where in a data directory it lies.
const PLACE: &str = "secrets/jwt.key";

/// Where the secret of a data directory lies.
pub(super) fn path(data_dir: &Path) -> PathBuf {
    data_dir.join(PLACE)
}

/// The secret under `data_dir`, made if there is none.
pub(super) fn of_data_dir(data_dir: &Path) -> Result<Secret, Failure> {
    at(&path(data_dir))
}

/// The secret in a file, made if there is none.
pub(super) fn at(path: &Path) -> Result<Secret, Failure> {
    let told = |error: std::io::Error| {
        Failure::new(
            Exit::CannotCreate,
            format_args!("{}: {error}", path.display()),
        )
    };
    if let Some(parent) = path.parent() {
        let mut private = std::fs::DirBuilder::new();
        private
            .recursive(true)
            .mode(0o700)
            .create(parent)
            .map_err(told)?;
    }
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Ok(file) => write_new(file).map_err(told)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(told(error)),
    }
    let bytes = std::fs::read(path).map_err(told)?;
    Secret::new(&bytes).ok_or_else(|| {
        Failure::new(
            Exit::Config,
            format_args!("{} holds too few bytes", path.display()),
        )
    })
}

fn write_new(mut file: File) -> std::io::Result<()> {
    let mut random = [0; RANDOM_BYTES];
    File::open("/dev/urandom")?.read_exact(&mut random)?;
    let mut text = String::with_capacity(2 * RANDOM_BYTES + 1);
    for byte in random {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_secret_is_made_once_for_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let first = of_data_dir(dir.path()).unwrap();
        assert_eq!(first.expose().len(), 64);
        assert_eq!(of_data_dir(dir.path()).unwrap(), first);
        let mode = std::fs::metadata(dir.path().join(PLACE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_short_secret_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("secrets")).unwrap();
        std::fs::write(dir.path().join(PLACE), "short").unwrap();
        assert_eq!(of_data_dir(dir.path()).unwrap_err().exit, Exit::Config);
    }
}
