//! The signing secret, in a wrapper that shows itself to nobody.

use std::fmt;
use std::sync::Arc;

/// A secret is at least this long, bytes (RFC 7518 section 3.2 for HS256).
pub const SECRET_BYTES_MIN: usize = 32;

/// Secret bytes. Printing shows only that there is one.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<[u8]>);

impl Secret {
    /// Takes the bytes without the line end an editor leaves; `None` when they are too few.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.trim_ascii_end();
        (bytes.len() >= SECRET_BYTES_MIN).then(|| Self(bytes.into()))
    }

    /// The bytes, for signing and checking only.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CONFIG-3: printed, it says that it is one.
    #[test]
    fn thirty_one_bytes_are_too_few_and_a_line_end_is_none() {
        assert_eq!(Secret::new(&[b'k'; 31]), None);
        assert_eq!(Secret::new(b"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\n"), None);
        let secret = Secret::new(b"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\n").unwrap();
        assert_eq!(secret.expose(), &[b'k'; 32]);
        assert_eq!(format!("{secret:?}"), "Secret(..)");
    }
}
