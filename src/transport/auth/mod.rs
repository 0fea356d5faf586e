//! Who asks: bearer tokens (RFC 6750, RFC 7519) under HS256, RS256, ES256 or `EdDSA`.
//!
//! A token's way: [`token`] takes it apart and checks all that is cheap -> [`keys`] says which key
//! it is to be checked with -> the signature, at once where that is cheap, by [`verifiers`] where it
//! is not -> [`cache`], where it is found by its full text from then on. Its times, its key and its
//! tenant are looked at again at every use, so it ends when it says, when its key is withdrawn, or
//! when its tenant is. Required claims: `exp`, `iss`, `aud`, `tenant_id`; `nbf` and `scope` count
//! when present. Times are whole seconds of the machine's clock, never engine time.
//!
//! Invariants
//! - AUTH-1: nothing enters the cache that was not verified, and no refusal is remembered.
//! - AUTH-2: outside `nbf - 60 s <= now < exp + 60 s` no token passes, cached or not.
//! - AUTH-3: a token passes by the one algorithm of one key: the key its `kid` names, or without a
//!   `kid` the only one of its `alg`. It names none of its own, and no algorithm its key has not.
//! - AUTH-4: once [`Auth::replace`] has returned, no request passes by a key the new set lacks.
//! - AUTH-5: at most `VERIFICATIONS_WAITING_MAX` costly signatures wait; what is asked beyond them
//!   is refused at once.

pub mod jwks;

pub mod alg;
mod cache;
mod key;
mod keys;
mod refusal;
mod sign;
mod token;
mod verifiers;

use std::fmt;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use crate::domain::ids::TenantNo;
use crate::domain::time::UnixSeconds;
use crate::gateway::door::{Caller, TokenCheck};
use crate::wire::limits::{TOKEN_BYTES_MAX, TOKENS_MAX};

use cache::TokenCache;
use token::{Unproved, Verified};
use verifiers::Verifiers;

pub use alg::Alg;
pub use key::Key;
pub use keys::{KeyChange, Keys};
pub use refusal::AuthError;
pub use sign::{Signer, TokenKind, TokenKindError, sign};

/// Fewest bytes of an HS256 secret (RFC 7518, 3.2).
pub const SECRET_BYTES_MIN: usize = 32;

/// What every token must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// `iss`.
    pub issuer: Box<str>,
    /// `aud`.
    pub audience: Box<str>,
}

/// A credential that holds for the request it came with.
#[derive(Debug, PartialEq, Eq)]
pub struct Credential {
    /// Who asks.
    pub caller: Caller,
    /// Whether its token was known or verified for this request.
    pub check: TokenCheck,
}

/// Checks tokens. Shared by all listening threads.
pub struct Auth {
    expected: Expected,
    keys: RwLock<Arc<Keys>>,
    verified: Arc<TokenCache>,
    verifiers: Option<Verifiers>,
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").finish_non_exhaustive()
    }
}

impl Auth {
    /// A checker of tokens under one shared secret, which needs no threads of its own.
    ///
    /// # Errors
    /// [`TokenKindError::SecretTooShort`].
    pub fn new(kind: &TokenKind) -> Result<Self, TokenKindError> {
        let expected = Expected {
            issuer: kind.issuer.clone(),
            audience: kind.audience.clone(),
        };
        Ok(Self::inline(expected, Keys::new(Some(&kind.secret), None)?))
    }

    /// A checker that computes every signature on the thread that asks.
    pub fn inline(expected: Expected, keys: Keys) -> Self {
        Self {
            expected,
            keys: RwLock::new(Arc::new(keys)),
            verified: Arc::new(TokenCache::new(TOKENS_MAX)),
            verifiers: None,
        }
    }

    /// A checker that leaves costly signatures to `threads` threads of its own.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn with_verifiers(expected: Expected, keys: Keys, threads: usize) -> io::Result<Self> {
        let mut auth = Self::inline(expected, keys);
        auth.verifiers = Some(Verifiers::start(threads, &auth.verified)?);
        Ok(auth)
    }

    /// Puts `keys` in the place of those in force. Tokens of keys that stay are still known; those
    /// of the others have ended when this returns (AUTH-4).
    pub fn replace(&self, keys: Keys) -> KeyChange {
        let mut in_force = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let (keys, gone, change) = keys.succeed(&in_force);
        *in_force = Arc::new(keys);
        for key in gone {
            key.withdraw();
        }
        change
    }

    /// How many keys are in force.
    pub fn count(&self) -> usize {
        self.keys().count()
    }

    /// The keys in force.
    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The credential in an `Authorization` header, its signature computed on this thread if need
    /// be. `tenant` finds declared tenants.
    ///
    /// # Errors
    /// [`AuthError`]; nothing in it comes from the token.
    pub fn check(
        &self,
        authorization: Option<&[u8]>,
        now: UnixSeconds,
        tenant: impl FnOnce(&str) -> Option<TenantNo>,
    ) -> Result<Credential, AuthError> {
        match self.look(authorization, now)? {
            Look::Known(known) => credential(&known, TokenCheck::Cached, tenant),
            Look::Unproved(unproved) => {
                let proved = verifiers::remember(unproved, &self.verified, now)?;
                credential(&proved, TokenCheck::Verified, tenant)
            }
        }
    }

    /// As [`Auth::check`], leaving a costly signature to the verifying threads. Cancellation safe.
    ///
    /// # Errors
    /// [`AuthError`]; [`AuthError::Busy`] when too many wait already.
    pub async fn admit(
        &self,
        authorization: Option<&[u8]>,
        now: UnixSeconds,
        tenant: impl FnOnce(&str) -> Option<TenantNo>,
    ) -> Result<Credential, AuthError> {
        let unproved = match self.look(authorization, now)? {
            Look::Known(known) => return credential(&known, TokenCheck::Cached, tenant),
            Look::Unproved(unproved) => unproved,
        };
        let proved = match self.verifiers.as_ref().filter(|_| unproved.is_costly()) {
            Some(verifiers) => verifiers.prove(unproved, now).await?,
            None => verifiers::remember(unproved, &self.verified, now)?,
        };
        credential(&proved, TokenCheck::Verified, tenant)
    }

    fn look(&self, authorization: Option<&[u8]>, now: UnixSeconds) -> Result<Look, AuthError> {
        let token = bearer(authorization.ok_or(AuthError::NoToken)?)?;
        if let Some(known) = self.verified.get(token) {
            known.check_times(now)?;
            return Ok(Look::Known(known));
        }
        Unproved::read(token, &self.expected, &self.keys(), now).map(Look::Unproved)
    }
}

/// A token at first sight.
enum Look {
    Known(Arc<Verified>),
    Unproved(Unproved),
}

/// What a verified token stands for now. The tenant is looked up at every use: it may have been
/// undeclared, or not have had its number yet.
fn credential(
    verified: &Verified,
    check: TokenCheck,
    tenant: impl FnOnce(&str) -> Option<TenantNo>,
) -> Result<Credential, AuthError> {
    if !verified.is_in_force() {
        return Err(AuthError::UnknownKey);
    }
    let tenant_no = tenant(&verified.tenant_name).ok_or(AuthError::UndeclaredTenant)?;
    Ok(Credential {
        caller: Caller {
            tenant: tenant_no,
            tenant_name: Arc::clone(&verified.tenant_name),
            scopes: verified.scopes,
        },
        check,
    })
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

#[cfg(test)]
mod tests;
