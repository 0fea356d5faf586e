//! What has come of a line that is not yet whole.

use super::TooLong;

/// Parts of one line, up to a bound; the bytes of a longer one are passed over.
#[derive(Debug)]
pub(in crate::wire) struct Held {
    bytes_max: usize,
    bytes: Vec<u8>,
    too_long: bool,
}

impl Held {
    pub(in crate::wire) fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            bytes: Vec::new(),
            too_long: false,
        }
    }

    /// Whether nothing has come, or nothing but empty parts.
    pub(in crate::wire) fn is_empty(&self) -> bool {
        self.bytes.is_empty() && !self.too_long
    }

    /// Bytes there is room for without asking for more.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// The next part of the line.
    pub(in crate::wire) fn push(&mut self, part: &[u8]) {
        if self.bytes.len() + part.len() > self.bytes_max {
            self.too_long = true;
            self.bytes = Vec::new();
        }
        if !self.too_long {
            self.bytes.extend_from_slice(part);
        }
    }

    /// What has come.
    pub(in crate::wire) fn get(&self) -> Result<&[u8], TooLong> {
        if self.too_long {
            return Err(TooLong);
        }
        Ok(&self.bytes)
    }

    /// What has come; what comes now is of the next line.
    pub(in crate::wire) fn take(&mut self) -> Result<Vec<u8>, TooLong> {
        let bytes = std::mem::take(&mut self.bytes);
        if std::mem::take(&mut self.too_long) {
            return Err(TooLong);
        }
        Ok(bytes)
    }

    /// What comes now is of the next line.
    pub(in crate::wire) fn clear(&mut self) {
        self.bytes.clear();
        self.too_long = false;
    }
}
