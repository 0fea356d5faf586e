//! The files of a pack as bytes: from a directory, from the program itself, from an archive.
//!
//! An archive is the canonical form whose SHA-256 names the pack:
//!
//! | bytes | meaning |
//! |---|---|
//! | `dialgate-rule-pack 1\n` | format and its version |
//! | `NAME LENGTH\n`, then LENGTH bytes | each file of [`FILES`], in that order |
//!
//! Files are kept with `\n` as line end and exactly as they are otherwise, so that a line named
//! in a fault is the line in the editor.

use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::error::{Place, RuleError, RuleProblem};

/// The files of a pack, in canonical order.
pub const FILES: [&str; 7] = [
    "pack.toml",
    "federal.toml",
    "states.toml",
    "holidays.toml",
    "places.toml",
    "npa.csv",
    "zip3.csv",
];

/// Largest file of a pack, in bytes.
pub const FILE_BYTES_MAX: usize = 1 << 20;

const MAGIC: &str = "dialgate-rule-pack 1\n";

/// The texts of a pack's files, not yet read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PackFiles {
    texts: [String; FILES.len()],
}

impl PackFiles {
    /// The files of a directory.
    ///
    /// # Errors
    /// One fault for each file that cannot be read, is too large or is not UTF-8.
    pub fn from_dir(dir: &Path) -> Result<Self, Vec<RuleError>> {
        let mut faults = Vec::new();
        let texts = FILES.map(|file| {
            read_file(dir, file).unwrap_or_else(|problem| {
                faults.push(fault(file, problem));
                String::new()
            })
        });
        if faults.is_empty() {
            Ok(Self { texts })
        } else {
            Err(faults)
        }
    }

    /// The files compiled into the program.
    pub fn embedded() -> Self {
        let texts = [
            include_str!("../../config/rules/pack.toml"),
            include_str!("../../config/rules/federal.toml"),
            include_str!("../../config/rules/states.toml"),
            include_str!("../../config/rules/holidays.toml"),
            include_str!("../../config/rules/places.toml"),
            include_str!("../../config/rules/npa.csv"),
            include_str!("../../config/rules/zip3.csv"),
        ];
        Self {
            texts: texts.map(normalised),
        }
    }

    /// The canonical form, to be stored under its hash.
    pub fn archive(&self) -> Vec<u8> {
        let mut bytes = MAGIC.as_bytes().to_vec();
        for (file, text) in FILES.iter().zip(&self.texts) {
            bytes.extend_from_slice(format!("{file} {}\n", text.len()).as_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes
    }

    /// The files in an archive.
    ///
    /// # Errors
    /// A fault when the bytes are not an archive that [`PackFiles::archive`] wrote.
    pub fn from_archive(bytes: &[u8]) -> Result<Self, Vec<RuleError>> {
        let text = std::str::from_utf8(bytes).ok();
        let mut rest = text
            .and_then(|text| text.strip_prefix(MAGIC))
            .ok_or_else(|| {
                let problem = RuleProblem::Malformed("not a rule pack archive".to_owned());
                vec![fault("archive", problem)]
            })?;
        let mut texts = [const { String::new() }; FILES.len()];
        for (file, text) in FILES.iter().zip(&mut texts) {
            let (body, after) = take_file(rest, file).ok_or_else(|| {
                let problem = RuleProblem::Malformed("archive is cut or altered".to_owned());
                vec![fault(file, problem)]
            })?;
            body.clone_into(text);
            rest = after;
        }
        if rest.is_empty() {
            Ok(Self { texts })
        } else {
            let problem = RuleProblem::Malformed("bytes after the last file".to_owned());
            Err(vec![fault("archive", problem)])
        }
    }

    /// SHA-256 of the archive.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.archive()).into()
    }

    /// The text of a file by its position in [`FILES`].
    pub(super) fn text(&self, file: &str) -> &str {
        let at = FILES.iter().position(|known| *known == file);
        at.and_then(|at| self.texts.get(at))
            .map_or("", String::as_str)
    }

    /// The same files with one replaced: for trying a change before it is made.
    #[must_use]
    pub fn with(mut self, file: &str, text: &str) -> Self {
        let at = FILES.iter().position(|known| *known == file);
        if let Some(slot) = at.and_then(|at| self.texts.get_mut(at)) {
            *slot = normalised(text);
        }
        self
    }
}

fn take_file<'t>(rest: &'t str, file: &str) -> Option<(&'t str, &'t str)> {
    let (length, rest) = rest
        .strip_prefix(file)?
        .strip_prefix(' ')?
        .split_once('\n')?;
    let bytes: usize = length.parse().ok()?;
    // "007" would be another archive of the same files.
    if bytes > FILE_BYTES_MAX || bytes.to_string() != length {
        return None;
    }
    rest.split_at_checked(bytes)
}

fn read_file(dir: &Path, file: &str) -> Result<String, RuleProblem> {
    let unreadable = |error: std::io::Error| RuleProblem::Unreadable(error.to_string());
    let opened = std::fs::File::open(dir.join(file)).map_err(unreadable)?;
    let limit = u64::try_from(FILE_BYTES_MAX)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut text = String::new();
    opened
        .take(limit)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    if text.len() > FILE_BYTES_MAX {
        return Err(RuleProblem::TooLarge(FILE_BYTES_MAX));
    }
    Ok(normalised(&text))
}

fn normalised(text: &str) -> String {
    text.replace("\r\n", "\n")
}

fn fault(file: &str, problem: RuleProblem) -> RuleError {
    let file = FILES
        .iter()
        .find(|known| **known == file)
        .copied()
        .unwrap_or("archive");
    RuleError {
        place: Place {
            file,
            line: 0,
            field: String::new(),
        },
        problem,
    }
}
