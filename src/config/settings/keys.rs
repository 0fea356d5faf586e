//! Fetching what tokens are checked with: the shared secret and the file of keys.

use super::Auth;
use super::load::read_text;
use crate::config::error::ConfigErrors;
use crate::config::read::ENVIRONMENT;
use crate::config::secret::{SECRET_BYTES_MIN, Secret};
use crate::transport::auth::{Keys, jwks};

/// The key of the configuration that findings in a key file give.
const JWKS_KEY: &str = "auth.jwks_file";

impl Auth {
    /// Whether a shared secret is named at all.
    pub fn has_secret(&self) -> bool {
        self.secret_file.is_some() || self.secret_env.is_some()
    }

    /// Every key tokens are checked with: the secret, the keys of the key file, or both.
    ///
    /// # Errors
    /// Every finding of both, each naming its file and its key. None shows a key's bytes.
    pub fn keys(
        &self,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Keys, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let secret = self
            .has_secret()
            .then(|| self.secret(environment))
            .transpose()
            .unwrap_or_else(|found| {
                errors.0.extend(found.0);
                None
            });
        let file = self.jwks_file.as_ref().map(|path| {
            let place = path.display().to_string();
            let mut note = |what: &dyn std::fmt::Display| errors.add(&place, JWKS_KEY, what);
            match read_text(path).map(|text| jwks::read(text.as_bytes())) {
                Ok(Ok(keys)) => return keys,
                Ok(Err(findings)) => findings.iter().for_each(|found| note(found)),
                Err(what) => note(&what),
            }
            Vec::new()
        });
        let keys = Keys::new(secret.as_ref().map(Secret::expose), file).map_err(|error| {
            let mut errors = ConfigErrors::default();
            errors.add(ENVIRONMENT, "auth.secret_file", error);
            errors
        })?;
        errors.none_or(keys)
    }

    /// Fetches the signing secret from its file or variable.
    ///
    /// # Errors
    /// One finding, when it is not there or too short. The finding never shows the bytes.
    pub fn secret(
        &self,
        mut environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Secret, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        if !self.has_secret() {
            let what = "names no secret; a private key signs with --key";
            errors.add("auth", "secret_file", what);
            return Err(errors);
        }
        let (file, key, bytes) = if let Some(path) = &self.secret_file {
            let read = read_text(path).map(String::into_bytes);
            (path.display().to_string(), "auth.secret_file", read)
        } else {
            let name = self.secret_env.clone().unwrap_or_default();
            let found = environment.find(|(variable, _)| *variable == name);
            let bytes = found.map(|(_, text)| text.into_bytes());
            (
                ENVIRONMENT.to_owned(),
                "auth.secret_env",
                bytes.ok_or_else(|| format!("{name} is not set")),
            )
        };
        match bytes.map(|bytes| Secret::new(&bytes)) {
            Ok(Some(secret)) => return Ok(secret),
            Ok(None) => errors.add(&file, key, format_args!("needs {SECRET_BYTES_MIN} bytes")),
            Err(what) => errors.add(&file, key, what),
        }
        Err(errors)
    }
}
