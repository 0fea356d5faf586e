//! A token taken apart (RFC 7515, 7519): what it claims, which key it is to be checked with, and
//! the one step from claimed to proved.
//!
//! Everything cheap is looked at first: a token that is malformed, over, or for somebody else never
//! costs a signature. Nothing of the house is told to an unproved one: whether a tenant is declared
//! is asked only afterwards.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::Expected;
use super::key::Key;
use super::keys::Keys;
use super::refusal::AuthError;
use crate::domain::time::UnixSeconds;
use crate::wire::limits::TOKEN_LEEWAY_S;
use crate::wire::scopes::Scopes;

/// The header, as far as it is read. A member of ours that is stated twice is an error.
#[derive(Deserialize)]
struct Header<'t> {
    #[serde(borrow)]
    alg: Cow<'t, str>,
    #[serde(borrow, default)]
    kid: Option<Cow<'t, str>>,
    #[serde(default)]
    crit: Stated,
}

/// Whether a member is there, whatever its value.
#[derive(Default)]
struct Stated(bool);

impl<'de> Deserialize<'de> for Stated {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(from).map(|_value| Self(true))
    }
}

/// The claims this house reads; the same holds for them.
#[derive(Deserialize)]
struct Claims {
    iss: Box<str>,
    aud: Audience,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    tenant_id: Arc<str>,
    #[serde(default)]
    scope: Box<str>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(Box<str>),
    Many(Vec<Box<str>>),
}

impl Audience {
    fn has(&self, name: &str) -> bool {
        match self {
            Self::One(one) => **one == *name,
            Self::Many(many) => many.iter().any(|one| **one == *name),
        }
    }
}

/// What a genuine token says, for as long as its key is in force.
#[derive(Debug)]
pub(super) struct Verified {
    pub(super) tenant_name: Arc<str>,
    pub(super) scopes: Scopes,
    pub(super) expires: i64,
    pub(super) not_before: i64,
    key: Arc<Key>,
}

impl Verified {
    /// AUTH-2.
    pub(super) fn check_times(&self, now: UnixSeconds) -> Result<(), AuthError> {
        if now.0 >= self.expires.saturating_add(TOKEN_LEEWAY_S) {
            return Err(AuthError::Expired);
        }
        if now.0 < self.not_before.saturating_sub(TOKEN_LEEWAY_S) {
            return Err(AuthError::NotYetValid);
        }
        Ok(())
    }

    /// AUTH-4.
    pub(super) fn is_in_force(&self) -> bool {
        self.key.is_in_force()
    }
}

/// A token that claims what it claims.
pub(super) struct Unproved {
    pub(super) token: Box<str>,
    /// Header and payload: the bytes of the token that are signed.
    signed_bytes: usize,
    signature: Vec<u8>,
    claimed: Verified,
}

impl Unproved {
    /// Takes a token apart and checks everything but its signature.
    pub(super) fn read(
        token: &str,
        expected: &Expected,
        keys: &Keys,
        now: UnixSeconds,
    ) -> Result<Self, AuthError> {
        let (message, signature) = token.rsplit_once('.').ok_or(AuthError::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(AuthError::Malformed)?;
        let header = decoded(header)?;
        let header: Header<'_> = read_json(&header)?;
        // RFC 7515, 4.1.11: an extension that must be understood is not.
        if header.crit.0 {
            return Err(AuthError::Malformed);
        }
        let key = keys.choose(&header.alg, header.kid.as_deref())?;
        let claims: Claims = read_json(&decoded(payload)?)?;
        if *claims.iss != *expected.issuer {
            return Err(AuthError::WrongIssuer);
        }
        if !claims.aud.has(&expected.audience) {
            return Err(AuthError::WrongAudience);
        }
        let claimed = Verified {
            tenant_name: claims.tenant_id,
            scopes: Scopes::parse(&claims.scope),
            expires: claims.exp,
            not_before: claims.nbf.unwrap_or(i64::MIN),
            key: Arc::clone(key),
        };
        claimed.check_times(now)?;
        Ok(Self {
            token: token.into(),
            signed_bytes: message.len(),
            signature: decoded(signature)?,
            claimed,
        })
    }

    /// Whether proving it takes tens of microseconds.
    pub(super) fn is_costly(&self) -> bool {
        self.claimed.key.alg().is_costly()
    }

    /// The only way to a [`Verified`] (AUTH-1).
    pub(super) fn prove(self) -> Result<(Box<str>, Arc<Verified>), AuthError> {
        let signed = self.token.as_bytes().get(..self.signed_bytes);
        let message = signed.ok_or(AuthError::Malformed)?;
        if !self.claimed.key.is_genuine(message, &self.signature) {
            return Err(AuthError::Forged);
        }
        if !self.claimed.is_in_force() {
            return Err(AuthError::UnknownKey);
        }
        Ok((self.token, Arc::new(self.claimed)))
    }
}

/// A part of a token without its base64url, which has one spelling: no padding, no stray bits.
fn decoded(part: &str) -> Result<Vec<u8>, AuthError> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_not_base64| AuthError::Malformed)
}

fn read_json<'t, T: Deserialize<'t>>(bytes: &'t [u8]) -> Result<T, AuthError> {
    serde_json::from_slice(bytes).map_err(|_not_ours| AuthError::Malformed)
}
