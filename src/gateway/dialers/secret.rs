//! From where a secret lies to what a holder is known by.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::dialer::DialerSecret;
use crate::wire::dialer::{CredentialKind, CredentialPlace, SecretPlace};

/// A file that holds a secret has at most this many bytes.
const SECRET_FILE_BYTES_MAX: u64 = 4 * 1024;
/// Bytes of a signing key (Standard Webhooks, "signature scheme").
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// Bytes of a token or password.
const TOKEN_BYTES: std::ops::RangeInclusive<usize> = 16..=256;
/// What a signing key's text begins with.
const KEY_PREFIX: &str = "whsec_";

/// The text at a place. Errors never show it.
pub(super) fn fetch(
    place: &SecretPlace,
    own: &Path,
    variable: fn(&str) -> Option<String>,
) -> Result<Zeroizing<String>, String> {
    let path = match place {
        SecretPlace::Variable(name) => {
            let found = variable(name).map(Zeroizing::new);
            return found.ok_or_else(|| "names a variable that is not set".to_owned());
        }
        SecretPlace::File(name) if place.is_own() => own.join(&**name),
        SecretPlace::File(name) => Path::new(&**name).to_owned(),
    };
    let length = std::fs::metadata(&path).map(|file| file.len());
    let length = length.map_err(|error| format!("cannot be read: {error}"))?;
    if length > SECRET_FILE_BYTES_MAX {
        return Err(format!("has more than {SECRET_FILE_BYTES_MAX} bytes"));
    }
    let text = std::fs::read_to_string(&path);
    text.map(Zeroizing::new)
        .map_err(|error| format!("cannot be read: {error}"))
}

/// What a holder of the secret is known by.
pub(super) fn known_by(
    credential: &CredentialPlace,
    text: &str,
) -> Result<DialerSecret, &'static str> {
    let text = text.trim();
    if credential.kind == CredentialKind::Hmac {
        let encoded = text.strip_prefix(KEY_PREFIX);
        let encoded = encoded.ok_or("a signing key begins with whsec_")?;
        let key = STANDARD.decode(encoded).map(Zeroizing::new);
        let key = key.map_err(|_not_base64| "a signing key is base64 after whsec_")?;
        if !KEY_BYTES.contains(&key.len()) {
            return Err("a signing key has 24 to 64 bytes");
        }
        return Ok(DialerSecret::Key(key));
    }
    if !TOKEN_BYTES.contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("a token or password has 16 to 256 visible ASCII characters");
    }
    let mut digest = Sha256::new();
    if let Some(user) = &credential.user {
        digest.update(user.as_bytes());
        digest.update(b":");
    }
    digest.update(text.as_bytes());
    Ok(DialerSecret::Digest(digest.finalize().into()))
}
