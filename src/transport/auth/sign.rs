//! Signing, for development and tests: with the shared secret, or with a private key in a PEM file.
//! The only file that names the JWT crate.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use super::SECRET_BYTES_MIN;
use crate::domain::time::UnixSeconds;

/// The claims this house writes.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    exp: i64,
    nbf: i64,
    tenant_id: &'a str,
    scope: &'a str,
}

/// A token under the shared secret: who issues it, for whom, with which secret.
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
    /// Not a file of the kind that is read here.
    #[error("no private key in PEM: PKCS#8 of RSA, P-256 or Ed25519")]
    NoPrivateKey,
    /// The library refused to sign.
    #[error("the token could not be signed with this key")]
    Unsigned,
}

/// Who signs, and with what. Shows itself to nobody.
pub struct Signer {
    issuer: Box<str>,
    audience: Box<str>,
    header: Header,
    key: EncodingKey,
}

impl Signer {
    /// Signs HS256 with the secret, without a `kid`.
    ///
    /// # Errors
    /// [`TokenKindError::SecretTooShort`].
    pub fn secret(kind: &TokenKind) -> Result<Self, TokenKindError> {
        if kind.secret.len() < SECRET_BYTES_MIN {
            return Err(TokenKindError::SecretTooShort);
        }
        Ok(Self {
            issuer: kind.issuer.clone(),
            audience: kind.audience.clone(),
            header: Header::new(Algorithm::HS256),
            key: EncodingKey::from_secret(&kind.secret),
        })
    }

    /// Signs with the private key in `pem`, by the algorithm of its kind: RS256, ES256, `EdDSA`.
    ///
    /// # Errors
    /// [`TokenKindError::NoPrivateKey`].
    pub fn pem(
        issuer: &str,
        audience: &str,
        pem: &[u8],
        kid: Option<&str>,
    ) -> Result<Self, TokenKindError> {
        let (algorithm, key) = EncodingKey::from_ed_pem(pem)
            .map(|key| (Algorithm::EdDSA, key))
            .or_else(|_not_ed| EncodingKey::from_ec_pem(pem).map(|key| (Algorithm::ES256, key)))
            .or_else(|_not_ec| EncodingKey::from_rsa_pem(pem).map(|key| (Algorithm::RS256, key)))
            .map_err(|_none| TokenKindError::NoPrivateKey)?;
        let mut header = Header::new(algorithm);
        header.kid = kid.map(str::to_owned);
        Ok(Self {
            issuer: issuer.into(),
            audience: audience.into(),
            header,
            key,
        })
    }

    /// A token for `tenant` with `scope` (space-separated), good from `now` for `ttl_s` seconds.
    ///
    /// # Errors
    /// [`TokenKindError::Unsigned`]: the key is of another curve, too short or public.
    pub fn sign(
        &self,
        tenant: &str,
        scope: &str,
        now: UnixSeconds,
        ttl_s: u32,
    ) -> Result<String, TokenKindError> {
        let claims = Claims {
            iss: &self.issuer,
            aud: &self.audience,
            exp: now.0.saturating_add(i64::from(ttl_s)),
            nbf: now.0,
            tenant_id: tenant,
            scope,
        };
        jsonwebtoken::encode(&self.header, &claims, &self.key)
            .map_err(|_why| TokenKindError::Unsigned)
    }
}

/// Signs a token with the secret of `kind`, as [`Signer::sign`] does.
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
    Signer::secret(kind)?.sign(tenant, scope, now, ttl_s)
}
