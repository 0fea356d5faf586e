//! What is wrong with a configuration: every finding, each with its place.

use std::fmt;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigError {
    /// The file, or `environment`.
    pub file: String,
    /// The key in dotted form, the variable's name, or empty when the whole file is meant.
    pub key: String,
    /// What is wrong. Never holds a secret's bytes.
    pub what: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let colon = if self.key.is_empty() { "" } else { ": " };
        write!(f, "{}{colon}{}: {}", self.file, self.key, self.what)
    }
}

/// Every finding of one load, never empty where it is an error.
#[derive(Debug, Clone, PartialEq, Eq, Default, thiserror::Error)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl ConfigErrors {
    /// Adds a finding.
    pub fn add(&mut self, file: &str, key: &str, what: impl fmt::Display) {
        self.0.push(ConfigError {
            file: file.to_owned(),
            key: key.to_owned(),
            what: what.to_string(),
        });
    }

    /// `value` when nothing was found.
    ///
    /// # Errors
    /// The findings, when there are any.
    pub fn none_or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, one) in self.0.iter().enumerate() {
            let line_end = if n == 0 { "" } else { "\n" };
            write!(f, "{line_end}{one}")?;
        }
        Ok(())
    }
}
