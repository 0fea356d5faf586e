//! NDJSON: bytes -> lines, each bounded, however the bytes were cut on their way.
//!
//! A line ends with `\n`; one `\r` before it belongs to the end. A line without anything in it is
//! counted and passed over. What has come of a line that is not yet whole is kept, up to the bound;
//! the bytes of a longer one are passed over to its end, so that nothing else is lost with it.
//!
//! Invariants
//! - LINES-1: the lines, their numbers and which of them are too long depend on the bytes alone, not
//!   on how they were cut into pieces.
//! - LINES-2: beside the piece at hand, never more than one line and its `\r` is kept.

use bytes::{Buf as _, Bytes};

/// A line longer than it may be; its bytes are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the line is too long")]
pub struct TooLong;

/// A line with something in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Which line it is, from 1; blank ones count.
    pub number: u64,
    /// Its bytes without its end, a part of the piece it came in where it came in one.
    pub text: Result<Bytes, TooLong>,
}

/// Cuts pieces into lines.
#[derive(Debug)]
pub struct LineSplitter {
    bytes_max: usize,
    piece: Bytes,
    /// What earlier pieces had of the line under way.
    held: Vec<u8>,
    too_long: bool,
    ahead: Option<Line>,
    number: u64,
}

impl LineSplitter {
    /// Lines of at most `bytes_max` bytes, their ends not counted.
    pub fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            piece: Bytes::new(),
            held: Vec::new(),
            too_long: false,
            ahead: None,
            number: 0,
        }
    }

    /// Takes the next piece. Meant for when there is no line left; it is copied behind what is left
    /// otherwise.
    pub fn feed(&mut self, piece: Bytes) {
        if self.piece.contains(&b'\n') {
            self.piece = [&*self.piece, &*piece].concat().into();
            return;
        }
        let rest = std::mem::replace(&mut self.piece, piece);
        self.hold(&rest);
    }

    /// Whether there is a whole line.
    pub fn has_line(&mut self) -> bool {
        if self.ahead.is_none() {
            self.ahead = self.cut();
        }
        self.ahead.is_some()
    }

    /// The next whole line.
    pub fn next_line(&mut self) -> Option<Line> {
        self.ahead.take().or_else(|| self.cut())
    }

    /// The bytes have ended cleanly: once no whole line is left, what is left is the last line.
    pub fn finish(&mut self) -> Option<Line> {
        self.next_line().or_else(|| {
            let rest = std::mem::take(&mut self.piece);
            self.line(rest)
        })
    }

    fn cut(&mut self) -> Option<Line> {
        loop {
            let end = self.piece.iter().position(|byte| *byte == b'\n')?;
            let part = self.piece.split_to(end);
            self.piece.advance(1);
            if let Some(line) = self.line(part) {
                return Some(line);
            }
        }
    }

    /// The line that ends with `part`, unless it is blank.
    fn line(&mut self, part: Bytes) -> Option<Line> {
        let mut text = part;
        if !self.held.is_empty() {
            self.hold(&text);
            text = std::mem::take(&mut self.held).into();
        }
        self.number += 1;
        if let Some((b'\r', before)) = text.split_last() {
            text.truncate(before.len());
        }
        let too_long = std::mem::take(&mut self.too_long) || text.len() > self.bytes_max;
        let text = if too_long { Err(TooLong) } else { Ok(text) };
        let blank = text.as_ref().is_ok_and(Bytes::is_empty);
        (!blank).then_some(Line {
            number: self.number,
            text,
        })
    }

    fn hold(&mut self, part: &[u8]) {
        // A `\r` may be the beginning of the end.
        if self.held.len() + part.len() > self.bytes_max + 1 {
            self.too_long = true;
            self.held = Vec::new();
        }
        if !self.too_long {
            self.held.extend_from_slice(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Lines of at most four bytes, by number; `None` is one that is too long.
    type Cut = Vec<(u64, Option<String>)>;

    fn cut<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Cut {
        let (mut splitter, mut found) = (LineSplitter::new(4), Vec::new());
        for piece in pieces {
            splitter.feed(Bytes::copy_from_slice(piece));
            while splitter.has_line() {
                found.extend(splitter.next_line());
                assert!(splitter.held.capacity() <= 16, "LINES-2");
            }
            assert_eq!(splitter.next_line(), None);
        }
        found.extend(splitter.finish());
        assert_eq!(splitter.finish(), None);
        let spelt = |line: Line| {
            let text = line
                .text
                .map(|text| String::from_utf8(text.to_vec()).unwrap());
            (line.number, text.ok())
        };
        found.into_iter().map(spelt).collect()
    }

    /// The same by the rule itself.
    fn expected(text: &[u8]) -> Cut {
        let lines = (1..).zip(text.split(|byte| *byte == b'\n'));
        let bare = lines.map(|(number, line)| (number, line.strip_suffix(b"\r").unwrap_or(line)));
        bare.filter(|(_, line)| !line.is_empty())
            .map(|(number, line)| {
                let text = String::from_utf8(line.to_vec()).unwrap();
                (number, (line.len() <= 4).then_some(text))
            })
            .collect()
    }

    #[test]
    fn both_sides_of_every_bound() {
        for text in [
            "",
            "\n",
            "\r\n",
            "a",
            "a\n",
            "a\r\nb",
            "\r",
            "\r\r\n",
            "abcd\n",
            "abcde\n",
            "abcd\r\nx",
            "abcde\r\nx\n",
            "abcd\r",
            "abcde\r",
            "a\r\r\n",
            "abcdefgh\n\nx",
        ] {
            let expected = expected(text.as_bytes());
            for size in 1..=text.len().max(1) {
                assert_eq!(
                    cut(text.as_bytes().chunks(size)),
                    expected,
                    "{text:?} {size}"
                );
            }
        }
        let five = Some("abcd".to_owned());
        assert_eq!(cut([&b"\nabcd\r\nabcde"[..]]), [(2, five), (3, None)]);
    }

    #[test]
    fn a_piece_that_comes_early_is_not_lost() {
        let mut splitter = LineSplitter::new(9);
        for piece in ["a\nb", "c\nd\n", "e"] {
            splitter.feed(Bytes::from_static(piece.as_bytes()));
        }
        let all: Vec<Line> = std::iter::from_fn(|| splitter.finish()).collect();
        let text: Vec<&[u8]> = all
            .iter()
            .map(|line| &**line.text.as_ref().unwrap())
            .collect();
        assert_eq!(text, [&b"a"[..], b"bc", b"d", b"e"]);
    }

    proptest! {
        /// LINES-1.
        #[test]
        fn how_bytes_are_cut_changes_nothing(
            text in "[ab\r\n]{0,40}",
            cuts in proptest::collection::vec(0_usize..8, 0..40),
        ) {
            let (mut rest, mut pieces) = (text.as_bytes(), Vec::new());
            for length in cuts {
                let (piece, tail) = rest.split_at(length.min(rest.len()));
                pieces.push(piece);
                rest = tail;
            }
            pieces.push(rest);
            prop_assert_eq!(cut(pieces), expected(text.as_bytes()));
        }
    }
}
