//! Loading `dialgate.toml`: the file, the variables over it, and what no key can say alone.

use std::path::Path;

use toml::Table;

use super::Settings;
use crate::config::error::ConfigErrors;
use crate::config::read::{self, ENVIRONMENT, environment_value};
use crate::ledger::limits::PAGE_BYTES;
use crate::telemetry::check_filter;

/// A configuration file is at most this long, bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// What every variable of ours starts with.
const PREFIX: &str = "DIALGATE_";

impl Settings {
    /// Reads `path` and the variables that override it.
    ///
    /// # Errors
    /// Every finding, when the file cannot be read, does not parse, has unknown keys or values out
    /// of bounds, or keys that contradict each other.
    pub fn load(
        path: &Path,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        match Self::load_noting(path, environment, &mut errors) {
            Some(settings) => errors.none_or(settings),
            None => Err(errors),
        }
    }

    /// As [`Settings::load`], for a caller that goes on looking: what is faulty is noted and stands
    /// at its default. Nothing when there is no file or it is not TOML.
    pub fn load_noting(
        path: &Path,
        environment: impl Iterator<Item = (String, String)>,
        errors: &mut ConfigErrors,
    ) -> Option<Self> {
        let file = path.display().to_string();
        match read_text(path) {
            Ok(text) => Self::parse(&file, &text, environment, errors),
            Err(what) => {
                errors.add(&file, "", what);
                None
            }
        }
    }

    /// Reads the text of a file called `file` and the variables that override it, as
    /// [`Settings::load_noting`] does.
    pub fn parse(
        file: &str,
        text: &str,
        environment: impl Iterator<Item = (String, String)>,
        errors: &mut ConfigErrors,
    ) -> Option<Self> {
        let mut table = match text.parse::<Table>() {
            Ok(table) => table,
            Err(error) => {
                errors.add(file, "", error.to_string().trim_end());
                return None;
            }
        };
        overlay(&mut table, environment, errors);
        let settings = read::table(file, table, errors, Self::read);
        settings.check(file, errors);
        Some(settings)
    }

    /// What no key can say alone.
    fn check(&self, file: &str, errors: &mut ConfigErrors) {
        if self.engine.inbox_tenant_max > self.engine.inbox_max {
            errors.add(file, "engine.inbox_tenant_max", "is above engine.inbox_max");
        }
        if !self.ledger.segment_bytes.is_multiple_of(PAGE_BYTES) {
            let what = format_args!("is no multiple of {PAGE_BYTES}");
            errors.add(file, "ledger.segment_bytes", what);
        }
        match (&self.auth.secret_file, &self.auth.secret_env) {
            (Some(_), Some(_)) => {
                errors.add(
                    file,
                    "auth.secret_env",
                    "give this or auth.secret_file, not both",
                );
            }
            (None, None) if self.auth.jwks_file.is_none() => {
                let what = "give this, auth.secret_env or auth.jwks_file";
                errors.add(file, "auth.secret_file", what);
            }
            _ => {}
        }
        self.tls.check(file, errors);
        if let Err(fault) = check_filter(&self.log.level) {
            errors.add(file, "log.level", fault);
        }
    }
}

/// Puts the variables over the file's table; refuses names that stand for no key.
fn overlay(
    table: &mut Table,
    environment: impl Iterator<Item = (String, String)>,
    errors: &mut ConfigErrors,
) {
    let mut ours: Vec<_> = environment
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect();
    ours.sort();
    let secret_name = |table: &Table, texts: &[(String, String)]| {
        let over = texts
            .iter()
            .find(|(name, _)| name == "DIALGATE_AUTH__SECRET_ENV");
        let file = || {
            table
                .get("auth")?
                .get("secret_env")?
                .as_str()
                .map(str::to_owned)
        };
        over.map(|(_, text)| text.clone()).or_else(file)
    };
    let secret = secret_name(table, &ours);
    for (name, text) in ours {
        let known = Settings::SECTIONS.iter().find_map(|(section, keys)| {
            let key = keys
                .iter()
                .find(|key| read::variable_name(section, key) == name)?;
            Some((*section, *key))
        });
        if let Some((section, key)) = known {
            let inner = table.entry(section).or_insert_with(|| Table::new().into());
            if let Some(inner) = inner.as_table_mut() {
                inner.insert(key.to_owned(), environment_value(&text));
            }
        } else if secret.as_ref() != Some(&name) {
            errors.add(ENVIRONMENT, &name, "stands for no key");
        }
    }
}

/// A whole small text file, with a sentence instead of an error.
pub(in crate::config) fn read_text(path: &Path) -> Result<String, String> {
    let length = std::fs::metadata(path)
        .map_err(|e| format!("cannot be read: {e}"))?
        .len();
    if length > FILE_BYTES_MAX {
        return Err(format!("has {length} bytes, more than {FILE_BYTES_MAX}"));
    }
    std::fs::read_to_string(path).map_err(|e| format!("cannot be read: {e}"))
}
