//! A bounds-checked walk over little-endian bytes: outside data never indexes a slice.

/// The rest of a byte string being taken apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taker<'a>(pub(crate) &'a [u8]);

impl<'a> Taker<'a> {
    /// The next `len` bytes.
    pub(crate) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(head)
    }

    /// The next `N` bytes as an array.
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    /// The next two bytes.
    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    /// The next four bytes.
    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// The next eight bytes.
    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
}

/// Whether every byte is zero; compares in long strides.
pub(crate) fn all_zero(bytes: &[u8]) -> bool {
    const STRIDE: usize = 4096;
    static ZEROS: [u8; STRIDE] = [0; STRIDE];
    bytes.chunks(STRIDE).all(|c| *c == ZEROS[..c.len()])
}
