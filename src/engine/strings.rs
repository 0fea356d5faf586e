//! The arena of callers' identifiers: append-only, in chunks, so that growing never copies.

use crate::domain::ids::Sym;

/// Bytes a chunk holds. A string never straddles two chunks.
const CHUNK_BYTES: usize = 64 * 1024;

/// Strings by [`Sym`]. At most 4 GiB in all and 255 bytes a string.
#[derive(Debug, Default)]
pub(super) struct Strings {
    chunks: Vec<Chunk>,
}

#[derive(Debug, Default)]
struct Chunk {
    bytes: Vec<u8>,
    dirty: bool,
    pending: bool,
}

impl Strings {
    /// Keeps a string. `touch` is told of a chunk a running snapshot has not copied yet, before it
    /// changes. A string too long, or an arena that is full, gives [`Sym::NONE`].
    pub(super) fn add(&mut self, text: &str, mut touch: impl FnMut(u32, &[u8])) -> Sym {
        let Ok(len) = u8::try_from(text.len()) else {
            return Sym::NONE;
        };
        let room = text.len() + 1;
        if self
            .chunks
            .last()
            .is_none_or(|c| c.bytes.len() + room > CHUNK_BYTES)
        {
            let bytes = Vec::with_capacity(CHUNK_BYTES);
            self.chunks.push(Chunk {
                bytes,
                dirty: true,
                pending: false,
            });
        }
        let index = self.chunks.len() - 1;
        let Some(chunk) = self.chunks.get_mut(index) else {
            return Sym::NONE;
        };
        let Ok(at) = u32::try_from(index * CHUNK_BYTES + chunk.bytes.len()) else {
            return Sym::NONE;
        };
        if chunk.pending {
            touch(u32::try_from(index).unwrap_or(u32::MAX), &chunk.bytes);
            chunk.pending = false;
        }
        chunk.dirty = true;
        chunk.bytes.push(len);
        chunk.bytes.extend_from_slice(text.as_bytes());
        Sym(at)
    }

    /// Reads a string; [`Sym::NONE`] and unknown positions are empty.
    pub(super) fn get(&self, sym: Sym) -> &str {
        std::str::from_utf8(self.bytes(sym)).unwrap_or("")
    }

    /// Whether the string there is `text`. Cheaper than reading it: nothing is checked to be UTF-8.
    pub(super) fn is(&self, sym: Sym, text: &str) -> bool {
        self.bytes(sym) == text.as_bytes()
    }

    /// Bytes of a string; [`Sym::NONE`] and unknown positions have none.
    pub(super) fn bytes(&self, sym: Sym) -> &[u8] {
        let (index, at) = (sym.0 as usize / CHUNK_BYTES, sym.0 as usize % CHUNK_BYTES);
        let chunk = self.chunks.get(index);
        chunk
            .and_then(|chunk| chunk.bytes.get(at..)?.split_first())
            .and_then(|(len, rest)| rest.get(..usize::from(*len)))
            .unwrap_or_default()
    }

    /// Where the next string would lie.
    pub(super) fn end(&self) -> (usize, usize) {
        let len = self.chunks.last().map_or(0, |chunk| chunk.bytes.len());
        (self.chunks.len(), len)
    }

    /// Forgets the strings added since `end` was there. A running snapshot has what it needs: bytes
    /// are only ever added behind what it copied or will copy.
    pub(super) fn cut(&mut self, (chunks, len): (usize, usize)) {
        self.chunks.truncate(chunks);
        if let Some(last) = self.chunks.last_mut() {
            last.bytes.truncate(len);
        }
    }

    /// Number of chunks.
    pub(super) fn chunks(&self) -> usize {
        self.chunks.len()
    }

    /// Marks changed chunks as pending for a snapshot that starts now.
    pub(super) fn begin_snapshot(&mut self) {
        for chunk in &mut self.chunks {
            chunk.pending = std::mem::take(&mut chunk.dirty);
        }
    }

    /// Counts every chunk as changed: the snapshot that had marked them clean was given up.
    pub(super) fn dirty_all(&mut self) {
        for chunk in &mut self.chunks {
            chunk.dirty = true;
        }
    }

    /// Takes one chunk's bytes if the running snapshot still needs it.
    pub(super) fn take_pending(&mut self, index: usize) -> Option<&[u8]> {
        let chunk = self.chunks.get_mut(index)?;
        std::mem::take(&mut chunk.pending).then_some(chunk.bytes.as_slice())
    }

    /// Puts a chunk back from a snapshot. Chunks arrive in any order.
    pub(super) fn restore_chunk(&mut self, index: usize, bytes: &[u8]) {
        if self.chunks.len() <= index {
            self.chunks.resize_with(index + 1, Chunk::default);
        }
        if let Some(chunk) = self.chunks.get_mut(index) {
            chunk.bytes = Vec::with_capacity(CHUNK_BYTES);
            chunk.bytes.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_read_back_over_chunk_ends() {
        let mut all = Strings::default();
        let texts: Vec<String> = (0..20_000).map(|n| format!("ACC-{n:07}")).collect();
        let syms: Vec<Sym> = texts.iter().map(|t| all.add(t, |_, _| ())).collect();
        assert!(all.chunks() > 1);
        for (text, sym) in texts.iter().zip(syms) {
            assert_eq!(all.get(sym), text);
            assert!(all.is(sym, text) && !all.is(sym, "ACC-"));
        }
        assert!(all.is(Sym::NONE, "") && !all.is(Sym::NONE, "A"));
        assert_eq!(all.get(Sym::NONE), "");
        assert_eq!(all.add(&"x".repeat(256), |_, _| ()), Sym::NONE);
    }

    #[test]
    fn a_chunk_is_copied_before_it_changes_under_a_snapshot() {
        let mut all = Strings::default();
        all.add("before", |_, _| panic!("no snapshot runs"));
        all.begin_snapshot();
        let mut copies = Vec::new();
        all.add("after", |index, bytes| copies.push((index, bytes.to_vec())));
        all.add("again", |_, _| panic!("copied once"));
        assert_eq!(copies, vec![(0, b"\x06before".to_vec())]);
        assert_eq!(all.take_pending(0), None);
    }
}
