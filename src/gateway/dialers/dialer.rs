//! One dialer: its mapping, and the secrets it is known by.

use std::fmt;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::wire::dialer::DialerMapping;

/// A secret, as far as it is needed to know its holder again. Printing shows only that there is one.
#[derive(Clone, PartialEq, Eq)]
pub enum DialerSecret {
    /// What messages are signed with.
    Key(Zeroizing<Vec<u8>>),
    /// SHA-256 of a token, or of `user:password`.
    Digest([u8; 32]),
}

impl fmt::Debug for DialerSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DialerSecret(..)")
    }
}

/// A dialer that may report by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialer {
    /// Its id within its tenant.
    pub id: Box<str>,
    /// Its mapping, which names the tenant.
    pub mapping: DialerMapping,
    /// Each as good as the others; none: it is closed.
    pub secrets: Vec<DialerSecret>,
    /// The file it is kept in.
    pub(super) file: PathBuf,
}

impl Dialer {
    /// Whose reports they are.
    pub fn tenant(&self) -> &str {
        &self.mapping.tenant
    }

    /// Whether any request of it can be believed.
    pub fn is_open(&self) -> bool {
        !self.secrets.is_empty()
    }
}

/// Whether `id` may name a dialer: it becomes a file name and a segment of a path.
pub(super) fn is_dialer_id(id: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = id.as_bytes();
    bytes.len() <= crate::wire::limits::CALLER_TEXT_BYTES_MAX
        && bytes.first().is_some_and(|b| word(*b))
        && bytes.iter().all(|b| word(*b) || matches!(b, b'-' | b'_'))
}
