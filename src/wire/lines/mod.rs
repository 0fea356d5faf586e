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

mod held;

use bytes::{Buf as _, Bytes};

pub(in crate::wire) use held::Held;

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
    held: Held,
    ahead: Option<Line>,
    number: u64,
}

impl LineSplitter {
    /// Lines of at most `bytes_max` bytes, their ends not counted.
    pub fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            piece: Bytes::new(),
            // A `\r` may be the beginning of the end.
            held: Held::new(bytes_max.saturating_add(1)),
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
        self.held.push(&rest);
    }

    /// Whether there is a whole line.
    pub fn has_line(&mut self) -> bool {
        if self.ahead.is_none() {
            self.ahead = self.cut();
        }
        self.ahead.is_some()
    }

    /// Lines that have ended so far, blank ones among them; the one that is next counts.
    pub fn ended(&self) -> u64 {
        self.number
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
        let text = if self.held.is_empty() {
            Ok(part)
        } else {
            self.held.push(&part);
            self.held.take().map(Bytes::from)
        };
        self.number += 1;
        let text = text.and_then(|mut text| {
            if let Some((b'\r', before)) = text.split_last() {
                text.truncate(before.len());
            }
            if text.len() > self.bytes_max {
                return Err(TooLong);
            }
            Ok(text)
        });
        let blank = text.as_ref().is_ok_and(Bytes::is_empty);
        (!blank).then_some(Line {
            number: self.number,
            text,
        })
    }
}

#[cfg(test)]
mod tests;
