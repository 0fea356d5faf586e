//! The folder of mappings: one file a dialer, `ID.toml` or `TENANT.ID.toml`, and the secrets beside.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::dialer::{Dialer, DialerSecret, is_dialer_id};
use super::secret;
use super::set::{DIALERS_MAX, DialerSet};
use crate::wire::dialer::{CredentialPlace, DialerMapping, Finding, Findings};

/// A mapping's file has at most this many bytes.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// Where mappings and the tenants' own secrets lie.
#[derive(Debug, Clone)]
pub struct DialerFolder {
    /// The files.
    pub dir: PathBuf,
    /// A folder for each tenant's secrets.
    pub secrets_dir: PathBuf,
    /// A variable of the environment.
    pub variable: fn(&str) -> Option<String>,
}

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFinding {
    /// The file.
    pub file: String,
    /// The key in dotted form; empty when the whole is meant.
    pub key: String,
    /// What is wrong. Never holds a value.
    pub what: String,
}

impl std::fmt::Display for FileFinding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let colon = if self.key.is_empty() { "" } else { ": " };
        write!(f, "{}{colon}{}: {}", self.file, self.key, self.what)
    }
}

/// The files as they were at one look.
#[derive(Debug)]
pub struct Look {
    /// Tells two looks apart: SHA-256 of all that was seen, secrets and faults included.
    pub fingerprint: [u8; 32],
    /// There is no folder.
    pub is_absent: bool,
    /// What they say.
    pub read: Result<DialerSet, Vec<FileFinding>>,
}

impl DialerFolder {
    /// Reads and checks everything. A folder that is not there holds no dialers: nobody reports by
    /// itself then, which is what a house without the folder wants.
    pub fn look(&self) -> Look {
        let mut seen = Sha256::new();
        let mut findings = Vec::new();
        let mut dialers = Vec::new();
        let files = self.files();
        let is_absent = matches!(files, Ok(None));
        match files {
            Err(what) => {
                part(&mut seen, what.as_bytes());
                findings.push(finding(&self.dir, "", what));
            }
            Ok(None) => part(&mut seen, b"absent"),
            Ok(Some(paths)) => {
                for path in paths {
                    part(&mut seen, path.as_os_str().as_encoded_bytes());
                    match self.read_one(&path, &mut seen) {
                        Ok(dialer) => dialers.push(dialer),
                        Err(found) => {
                            findings.extend(found.0.into_iter().map(|f| of_file(&path, f)));
                        }
                    }
                }
            }
        }
        let read = if findings.is_empty() {
            DialerSet::of(dialers).map_err(|refused| {
                let all = refused.into_iter();
                all.map(|(dialer, f)| of_file(&dialer.file, f)).collect()
            })
        } else {
            Err(findings)
        };
        Look {
            fingerprint: seen.finalize().into(),
            is_absent,
            read,
        }
    }

    /// The finding that the folder is gone.
    pub(super) fn lost(&self) -> FileFinding {
        finding(&self.dir, "", "is not there any more".to_owned())
    }

    /// Nothing: there is no folder.
    fn files(&self) -> Result<Option<Vec<PathBuf>>, String> {
        let told = |error: std::io::Error| format!("cannot be read: {error}");
        let entries = match std::fs::read_dir(&self.dir) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            entries => entries.map_err(told)?,
        };
        let mut paths = Vec::new();
        for entry in entries {
            // A folder read by half would close dialers nobody removed.
            let path = entry.map_err(told)?.path();
            if path.extension().is_some_and(|ext| ext == "toml") {
                paths.push(path);
            }
        }
        if paths.len() > DIALERS_MAX {
            return Err(format!("holds more than {DIALERS_MAX} dialers"));
        }
        paths.sort();
        Ok(Some(paths))
    }

    fn read_one(&self, path: &Path, seen: &mut Sha256) -> Result<Dialer, Findings> {
        let text = read_text(path);
        let (Ok(shown) | Err(shown)) = &text;
        part(seen, shown.as_bytes());
        let text = text.map_err(|what| Findings::one("", what))?;
        let mapping = DialerMapping::from_toml(&text)?;
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let stem = stem.unwrap_or_default();
        let (tenant, id) = stem.split_once('.').unwrap_or((&mapping.tenant, stem));
        if !is_dialer_id(id) {
            let what = "the file's name needs a-z, 0-9, - and _: ID.toml or TENANT.ID.toml";
            return Err(Findings::one("", what));
        }
        if *tenant != *mapping.tenant {
            return Err(Findings::one(
                "tenant",
                "is not the one the file is named for",
            ));
        }
        let secrets = self.secrets(&mapping, Some(seen))?;
        Ok(Dialer {
            id: id.into(),
            mapping,
            secrets,
            file: path.to_owned(),
        })
    }

    /// The secrets of a mapping; what was seen of them goes into `seen`.
    pub(super) fn secrets(
        &self,
        mapping: &DialerMapping,
        mut seen: Option<&mut Sha256>,
    ) -> Result<Vec<DialerSecret>, Findings> {
        let Some(credential) = &mapping.credential else {
            return Ok(Vec::new());
        };
        let own = self.secrets_dir.join(&*mapping.tenant);
        let mut findings = Findings::default();
        let mut secrets = Vec::new();
        for place in &credential.secrets {
            let text = secret::fetch(place, &own, self.variable);
            if let Some(seen) = seen.as_deref_mut() {
                match &text {
                    Ok(text) => part(seen, text.as_bytes()),
                    Err(what) => part(seen, what.as_bytes()),
                }
            }
            match known_by(credential, text) {
                Ok(secret) => secrets.push(secret),
                Err(what) => findings.add("credential", what),
            }
        }
        if findings.0.is_empty() {
            Ok(secrets)
        } else {
            Err(findings)
        }
    }

    /// The file of a dialer that has none yet.
    pub(super) fn file_of(&self, tenant: &str, id: &str) -> PathBuf {
        self.dir.join(format!("{tenant}.{id}.toml"))
    }

    /// Writes a mapping durably: the file is the old one or the new one, never a part.
    pub(super) fn write(&self, file: &Path, mapping: &DialerMapping) -> std::io::Result<()> {
        let text = mapping.to_toml().map_err(std::io::Error::other)?;
        std::fs::create_dir_all(&self.dir)?;
        let half = file.with_extension("toml.new");
        let mut new = std::fs::File::create(&half)?;
        new.write_all(text.as_bytes())?;
        new.sync_all()?;
        std::fs::rename(&half, file)?;
        std::fs::File::open(&self.dir)?.sync_all()
    }
}

fn known_by(
    credential: &CredentialPlace,
    text: Result<zeroize::Zeroizing<String>, String>,
) -> Result<DialerSecret, String> {
    let text = text?;
    secret::known_by(credential, &text).map_err(str::to_owned)
}

fn read_text(path: &Path) -> Result<String, String> {
    let told = |error: std::io::Error| format!("cannot be read: {error}");
    if std::fs::metadata(path).map_err(told)?.len() > FILE_BYTES_MAX {
        return Err(format!("has more than {FILE_BYTES_MAX} bytes"));
    }
    std::fs::read_to_string(path).map_err(told)
}

/// Adds a part to what was seen, told apart from the next one.
fn part(seen: &mut Sha256, bytes: &[u8]) {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    seen.update(length.to_be_bytes());
    seen.update(bytes);
}

fn of_file(file: &Path, found: Finding) -> FileFinding {
    finding(file, &found.key, found.what)
}

fn finding(file: &Path, key: &str, what: String) -> FileFinding {
    FileFinding {
        file: file.display().to_string(),
        key: key.to_owned(),
        what,
    }
}
