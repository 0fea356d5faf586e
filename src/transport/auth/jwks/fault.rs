//! What can be wrong with a file of keys. Nothing here repeats what the file says but names.

use std::fmt;
use std::sync::Arc;

use crate::transport::auth::alg::Alg;
use crate::wire::limits::{
    JWKS_BYTES_MAX, KEYS_MAX, KID_BYTES_MAX, RSA_BITS_MAX, RSA_BITS_MIN, RSA_EXPONENT_MIN,
};

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}{what}")]
pub struct KeyFinding {
    /// Where.
    pub place: KeyPlace,
    /// What.
    pub what: KeyFault,
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// The file as a whole.
    File,
    /// The key at this place, counted from 1, and its name if it has a good one.
    Key(usize, Option<Arc<str>>),
}

impl fmt::Display for KeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => Ok(()),
            Self::Key(at, None) => write!(f, "key {at}: "),
            Self::Key(at, Some(kid)) => write!(f, "key {at} ({kid:?}): "),
        }
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// The file is too large.
    #[error("has more than {JWKS_BYTES_MAX} bytes")]
    FileTooLarge,
    /// Not JSON, or no `keys`; perhaps a file somebody is still writing.
    #[error("is no JSON object with an array \"keys\" (line {line}, column {column})")]
    NoSet {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// Too many keys.
    #[error("has {0} keys, more than {KEYS_MAX}")]
    TooMany(usize),
    /// Not an object, or one that states a member twice.
    #[error("is no JSON object, or states a member twice")]
    NoKey,
    /// A member that the key's kind needs is not there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A member is of another JSON type.
    #[error("{0} is not text")]
    NotText(&'static str),
    /// An unknown kind of key.
    #[error("kty is none of RSA, EC, OKP, oct")]
    UnknownKty,
    /// A curve that is not verified with.
    #[error("crv is not {0}")]
    UnknownCrv(&'static str),
    /// An algorithm that is not verified.
    #[error("alg is none of HS256, RS256, ES256, EdDSA")]
    UnknownAlg,
    /// An algorithm of another kind of key.
    #[error("alg is not {}, the one algorithm for a key of this kind", .0.as_str())]
    OtherAlg(Alg),
    /// For something else than signatures.
    #[error("use is not \"sig\"")]
    OtherUse,
    /// Not for verifying.
    #[error("key_ops does not list \"verify\"")]
    NoVerify,
    /// A part of a private key.
    #[error("{0} is a private part, which does not belong in this file")]
    PrivatePart(&'static str),
    /// Broken base64url.
    #[error("{0} is not base64url without padding")]
    NotBase64(&'static str),
    /// A modulus out of bounds.
    #[error("n has {0} bits, not {RSA_BITS_MIN} to {RSA_BITS_MAX}")]
    RsaBits(usize),
    /// A modulus that is no product of two large primes.
    #[error("n is even")]
    RsaEven,
    /// A weak or unusual exponent.
    #[error("e is not an odd number from {RSA_EXPONENT_MIN} to 4294967295")]
    RsaExponent,
    /// A coordinate or key of the wrong length.
    #[error("{0} has not {1} bytes")]
    Length(&'static str, usize),
    /// Not on the curve.
    #[error("x and y are no point of P-256")]
    NoPoint,
    /// No Ed25519 key, or one under which anybody can sign.
    #[error("x is a weak or ill-formed Ed25519 key")]
    WeakPoint,
    /// A secret short enough to be guessed.
    #[error("k has fewer than {} bytes", crate::transport::auth::SECRET_BYTES_MIN)]
    ShortSecret,
    /// A name that is not kept.
    #[error("kid is not 1 to {KID_BYTES_MAX} visible ASCII characters")]
    BadKid,
    /// A name that stands for two keys.
    #[error("has the kid of key {0}")]
    SameKid(usize),
    /// One key under two names: removing one of them would not remove the key.
    #[error("is the same key as key {0}")]
    SameKey(usize),
    /// Two keys no token can tell apart.
    #[error("has no kid and the alg of key {0}, so that no token can choose between them")]
    Nameless(usize),
}
