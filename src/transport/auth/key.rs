//! One key: what it is made of, the one algorithm it is for, whether it is still in force.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents,
};

use super::alg::Alg;

/// What a key is made of. Equal material is the same key.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Material {
    /// A shared secret.
    Secret(Box<[u8]>),
    /// Modulus and exponent, big-endian, without leading zeros.
    Rsa { n: Box<[u8]>, e: Box<[u8]> },
    /// An uncompressed point of P-256.
    P256([u8; 65]),
    /// An Ed25519 public key.
    Ed25519([u8; 32]),
}

impl Material {
    pub(super) fn alg(&self) -> Alg {
        match self {
            Self::Secret(_) => Alg::Hs256,
            Self::Rsa { .. } => Alg::Rs256,
            Self::P256(_) => Alg::Es256,
            Self::Ed25519(_) => Alg::EdDsa,
        }
    }

    /// `None` when the library finds no key in it.
    fn verifier(&self) -> Option<Verifier> {
        let parsed = match self {
            Self::Secret(secret) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
                return Some(Verifier::Secret(Box::new(key)));
            }
            Self::Rsa { n, e } => {
                RsaPublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
            }
            Self::P256(point) => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point),
            Self::Ed25519(point) => ParsedPublicKey::new(&ED25519, point),
        };
        parsed.ok().map(|key| Verifier::Public(Box::new(key)))
    }
}

/// Parsed once, so that a check does not parse again.
enum Verifier {
    Secret(Box<hmac::Key>),
    Public(Box<ParsedPublicKey>),
}

/// A key tokens are checked with. Shows nothing but its name and algorithm.
pub struct Key {
    kid: Option<Box<str>>,
    material: Material,
    verifier: Verifier,
    withdrawn: AtomicBool,
}

impl Key {
    /// `None` when the material is no key, a point that is not on its curve for instance.
    pub(super) fn new(kid: Option<Box<str>>, material: Material) -> Option<Self> {
        Some(Self {
            verifier: material.verifier()?,
            kid,
            material,
            withdrawn: AtomicBool::new(false),
        })
    }

    /// The one algorithm it is for.
    pub fn alg(&self) -> Alg {
        self.material.alg()
    }

    /// Its name, if it has one.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    pub(super) fn material(&self) -> &Material {
        &self.material
    }

    /// Whether it stands under the same name for the same material.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.kid == other.kid && self.material == other.material
    }

    /// Whether `signature` is this key's over `message`.
    pub(super) fn is_genuine(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.verifier {
            Verifier::Secret(key) => hmac::verify(key, message, signature).is_ok(),
            Verifier::Public(key) => key.verify_sig(message, signature).is_ok(),
        }
    }

    /// False from the moment a newer set of keys lacks it.
    pub(super) fn is_in_force(&self) -> bool {
        !self.withdrawn.load(Ordering::Acquire)
    }

    pub(super) fn withdraw(&self) {
        self.withdrawn.store(true, Ordering::Release);
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?}, {})", self.kid, self.alg().as_str())
    }
}
