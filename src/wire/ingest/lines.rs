//! Cuts a stream of chunks into physical lines, holding at most one line.

use super::limits::ROW_BYTES_MAX;
use crate::wire::lines::Held;

/// One piece of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut<'a> {
    /// A line without its end (`\n`; a `\r` before it stays).
    Line(&'a [u8]),
    /// A line longer than [`ROW_BYTES_MAX`]; its bytes are gone.
    TooLong,
}

/// The cutter: what has come of the line that is not yet whole.
#[derive(Debug)]
pub(super) struct Lines(Held);

impl Default for Lines {
    fn default() -> Self {
        Self(Held::new(ROW_BYTES_MAX))
    }
}

impl Lines {
    /// Takes a chunk and gives every line that ends in it, oldest first. A line that lies whole in
    /// the chunk is not copied.
    pub(super) fn push<E>(
        &mut self,
        chunk: &[u8],
        each: &mut impl FnMut(Cut<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rest = chunk;
        while let Some(at) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, tail) = rest.split_at(at);
            rest = tail.get(1..).unwrap_or(&[]);
            if self.0.is_empty() && line.len() <= ROW_BYTES_MAX {
                each(Cut::Line(line))?;
            } else {
                self.0.push(line);
                self.end_line(each)?;
            }
        }
        self.0.push(rest);
        Ok(())
    }

    /// The stream has ended: gives a last line that no `\n` ended.
    pub(super) fn finish<E>(
        &mut self,
        each: &mut impl FnMut(Cut<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.end_line(each)
    }

    fn end_line<E>(&mut self, each: &mut impl FnMut(Cut<'_>) -> Result<(), E>) -> Result<(), E> {
        let cut = self.0.get().map_or(Cut::TooLong, Cut::Line);
        let answer = each(cut);
        self.0.clear();
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn cut(text: &[u8], chunk: usize) -> Vec<Option<Vec<u8>>> {
        let (mut lines, mut found) = (Lines::default(), Vec::new());
        let mut each = |cut: Cut<'_>| -> Result<(), Infallible> {
            found.push(match cut {
                Cut::Line(line) => Some(line.to_vec()),
                Cut::TooLong => None,
            });
            Ok(())
        };
        for part in text.chunks(chunk) {
            lines.push(part, &mut each).unwrap();
        }
        lines.finish(&mut each).unwrap();
        found
    }

    #[test]
    fn chunks_do_not_matter() {
        let text = b"a\n\nbcd\r\nlast";
        let whole: Vec<_> = [&b"a"[..], b"", b"bcd\r", b"last"]
            .map(|l| Some(l.to_vec()))
            .into();
        for chunk in 1..=text.len() {
            assert_eq!(cut(text, chunk), whole, "chunks of {chunk}");
        }
        assert_eq!(cut(b"", 1), []);
        assert_eq!(cut(b"a\n", 2), [Some(b"a".to_vec())]);
    }

    #[test]
    fn a_line_is_bounded_and_the_next_one_is_read() {
        for chunk in [1, 7, 100_000] {
            let mut text = vec![b'x'; ROW_BYTES_MAX];
            text.extend_from_slice(b"\n");
            text.extend(vec![b'y'; ROW_BYTES_MAX + 1]);
            text.extend_from_slice(b"\nz\n");
            let found = cut(&text, chunk);
            assert_eq!(found.len(), 3);
            assert_eq!(found[0].as_deref().map(<[u8]>::len), Some(ROW_BYTES_MAX));
            assert_eq!(found[1], None);
            assert_eq!(found[2].as_deref(), Some(&b"z"[..]));
        }
    }
}
