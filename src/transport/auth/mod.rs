//! Who asks: bearer tokens (RFC 6750, RFC 7519), signed HS256. The only file that names the JWT crate.
//!
//! A token is verified once and then found in a cache by its full text; its times are checked at
//! every use, so it ends when it says. Required claims: `exp`, `iss`, `aud`, `tenant_id`; `nbf` and
//! `scope` count when present. Times are whole seconds of the machine's clock, never engine time.
//! The algorithm is pinned: a token cannot choose it, `none` least of all.
//!
//! Invariants
//! - AUTH-1: nothing enters the cache that was not verified, no refusal is remembered, and no tenant
//!   that has no number yet.
//! - AUTH-2: outside `nbf - 60 s <= now < exp + 60 s` no token passes, cached or not.

mod cache;
mod refusal;

use std::sync::Arc;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::domain::ids::TenantNo;
use crate::domain::time::UnixSeconds;
use crate::gateway::door::{Caller, TENANT_RECOVERING};
use crate::wire::limits::{TOKEN_BYTES_MAX, TOKEN_LEEWAY_S, TOKENS_MAX};
use crate::wire::scopes::Scopes;

use cache::TokenCache;
pub use refusal::AuthError;

/// Fewest bytes of an HS256 secret (RFC 7518, 3.2).
pub const SECRET_BYTES_MIN: usize = 32;

/// The claims this house reads and writes.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claims {
    iss: Box<str>,
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    tenant_id: Box<str>,
    #[serde(default)]
    scope: Box<str>,
    // Checked by the library; here for signing.
    #[serde(default, skip_deserializing)]
    aud: Box<str>,
}

/// A token this house accepts or signs: who issues it, for whom, with which secret.
#[derive(Clone)]
pub struct TokenKind {
    /// HS256 secret.
    pub secret: Box<[u8]>,
    /// `iss`.
    pub issuer: Box<str>,
    /// `aud`.
    pub audience: Box<str>,
}

/// Why no tokens can be checked or signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenKindError {
    /// The secret is short enough to be guessed.
    #[error("the token secret has fewer than {SECRET_BYTES_MIN} bytes")]
    SecretTooShort,
    /// The library refused to sign.
    #[error("the token could not be signed")]
    Unsigned,
}

/// A verified token.
#[derive(Debug, PartialEq, Eq)]
pub struct Credential {
    /// Who asks.
    pub caller: Caller,
    expires: i64,
    not_before: i64,
}

impl Credential {
    /// AUTH-2.
    fn check_times(&self, now: UnixSeconds) -> Result<(), AuthError> {
        if now.0 >= self.expires.saturating_add(TOKEN_LEEWAY_S) {
            return Err(AuthError::Expired);
        }
        if now.0 < self.not_before.saturating_sub(TOKEN_LEEWAY_S) {
            return Err(AuthError::NotYetValid);
        }
        Ok(())
    }
}

/// Checks tokens. Shared by all listening threads.
pub struct Auth {
    key: DecodingKey,
    validation: Validation,
    verified: TokenCache,
}

impl Auth {
    /// A checker of one kind of token.
    ///
    /// # Errors
    /// [`TokenKindError::SecretTooShort`].
    pub fn new(kind: &TokenKind) -> Result<Self, TokenKindError> {
        if kind.secret.len() < SECRET_BYTES_MIN {
            return Err(TokenKindError::SecretTooShort);
        }
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.set_issuer(&[&kind.issuer]);
        validation.set_audience(&[&kind.audience]);
        // The library would ask the machine's clock itself; times are checked here at every use.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Ok(Self {
            key: DecodingKey::from_secret(&kind.secret),
            validation,
            verified: TokenCache::new(TOKENS_MAX),
        })
    }

    /// The credential in an `Authorization` header. `tenant` finds declared tenants.
    ///
    /// # Errors
    /// [`AuthError`]; nothing in it comes from the token.
    pub fn check(
        &self,
        authorization: Option<&[u8]>,
        now: UnixSeconds,
        tenant: impl FnOnce(&str) -> Option<TenantNo>,
    ) -> Result<Arc<Credential>, AuthError> {
        let token = bearer(authorization.ok_or(AuthError::NoToken)?)?;
        if let Some(known) = self.verified.get(token) {
            known.check_times(now)?;
            // A tenant may have been withdrawn since the token was verified.
            if tenant(&known.caller.tenant_name) != Some(known.caller.tenant) {
                return Err(AuthError::UndeclaredTenant);
            }
            return Ok(known);
        }
        let credential = Arc::new(self.verify(token, tenant)?);
        credential.check_times(now)?;
        if credential.caller.tenant == TENANT_RECOVERING {
            return Ok(credential);
        }
        let until = credential.expires.saturating_add(TOKEN_LEEWAY_S);
        self.verified
            .insert(token, &credential, UnixSeconds(until), now);
        Ok(credential)
    }

    fn verify(
        &self,
        token: &str,
        tenant: impl FnOnce(&str) -> Option<TenantNo>,
    ) -> Result<Credential, AuthError> {
        let verified = jsonwebtoken::decode::<Claims>(token, &self.key, &self.validation);
        let token = verified.map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature => AuthError::Forged,
            ErrorKind::InvalidAlgorithm => AuthError::WrongAlgorithm,
            ErrorKind::InvalidAudience => AuthError::WrongAudience,
            ErrorKind::InvalidIssuer => AuthError::WrongIssuer,
            _ => AuthError::Malformed,
        })?;
        // RFC 7515, 4.1.11: an extension that must be understood is not.
        if token.header.crit.is_some() {
            return Err(AuthError::Malformed);
        }
        let claims = token.claims;
        let tenant_no = tenant(&claims.tenant_id).ok_or(AuthError::UndeclaredTenant)?;
        Ok(Credential {
            caller: Caller {
                tenant: tenant_no,
                tenant_name: claims.tenant_id.into(),
                scopes: Scopes::parse(&claims.scope),
            },
            expires: claims.exp,
            not_before: claims.nbf.unwrap_or(i64::MIN),
        })
    }
}

/// The token of a `Bearer` header; the scheme's case does not matter (RFC 9110, 11.1).
fn bearer(header: &[u8]) -> Result<&str, AuthError> {
    let (scheme, rest) = header.split_at_checked(7).ok_or(AuthError::Malformed)?;
    if !scheme.eq_ignore_ascii_case(b"bearer ") {
        return Err(AuthError::NoToken);
    }
    let token = std::str::from_utf8(rest.trim_ascii()).map_err(|_not_text| AuthError::Malformed)?;
    if token.is_empty() || token.len() > TOKEN_BYTES_MAX {
        return Err(AuthError::Malformed);
    }
    Ok(token)
}

/// Signs a token for `tenant` with `scope` (space-separated), good from `now` for `ttl_s` seconds.
///
/// # Errors
/// [`TokenKindError`].
pub fn sign(
    kind: &TokenKind,
    tenant: &str,
    scope: &str,
    now: UnixSeconds,
    ttl_s: u32,
) -> Result<String, TokenKindError> {
    if kind.secret.len() < SECRET_BYTES_MIN {
        return Err(TokenKindError::SecretTooShort);
    }
    let claims = Claims {
        iss: kind.issuer.clone(),
        exp: now.0.saturating_add(i64::from(ttl_s)),
        nbf: Some(now.0),
        tenant_id: tenant.into(),
        scope: scope.into(),
        aud: kind.audience.clone(),
    };
    let key = EncodingKey::from_secret(&kind.secret);
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)
        .map_err(|_why| TokenKindError::Unsigned)
}

#[cfg(test)]
mod tests;
