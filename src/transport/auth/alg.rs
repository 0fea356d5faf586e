//! The four signatures that are read here (RFC 7518, 3.1; RFC 8037).

use crate::domain::words::words;

words!(
    /// A signature's algorithm. A key has exactly one; a token cannot choose another.
    Alg {
        /// HMAC with SHA-256, a shared secret.
        Hs256 = "HS256",
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        Rs256 = "RS256",
        /// ECDSA on P-256 with SHA-256.
        Es256 = "ES256",
        /// Ed25519.
        EdDsa = "EdDSA"
    }
);

impl Alg {
    /// Whether checking a signature takes tens of microseconds instead of one or two.
    pub(super) fn is_costly(self) -> bool {
        self != Self::Hs256
    }
}
