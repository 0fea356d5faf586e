//! Cuts the elements out of a JSON array that arrives in chunks, holding at most one element.
//!
//! Only brackets, strings and commas are looked at; whether an element is sound JSON is for its
//! reader. So a broken element spoils itself alone as long as its brackets and quotes close.

use super::limits::ROW_BYTES_MAX;
use super::lines::Cut;
use crate::wire::lines::Held;

/// The cutter: what has come of the element that is not yet whole.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent marks of a scanner"
)]
pub(super) struct Elements {
    held: Held,
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// An element or a comma has been seen: nothing before the end is now an element missing. While
    /// only scanning: something other than blanks stands in this element.
    any: bool,
    ended: bool,
}

impl Default for Elements {
    fn default() -> Self {
        Self {
            held: Held::new(ROW_BYTES_MAX),
            depth: 0,
            in_string: false,
            escaped: false,
            any: false,
            ended: false,
        }
    }
}

/// Whether an element is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Blank(pub(super) bool);

impl Elements {
    /// Whether the array's end has come.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Takes a chunk behind the opening `[` and gives every element that ends in it, with the
    /// blanks around it. The answer is what follows the array's end; empty before it has come.
    pub(super) fn push<'c>(&mut self, chunk: &'c [u8], each: &mut impl FnMut(Cut<'_>)) -> &'c [u8] {
        let mut start = 0;
        for (at, byte) in chunk.iter().enumerate() {
            if self.ended {
                return chunk.get(at..).unwrap_or(&[]);
            }
            if self.ends_element(*byte) {
                self.ended = *byte == b']';
                self.element(chunk.get(start..at).unwrap_or(&[]), each);
                start = at + 1;
            }
        }
        if !self.ended {
            self.hold(chunk.get(start..).unwrap_or(&[]));
        }
        &[]
    }

    /// Like [`push`](Self::push), but only says where elements end: `each` hears the place behind the
    /// byte that ends one, and whether nothing but blanks stood before it. Holds no bytes.
    pub(super) fn scan(&mut self, chunk: &[u8], each: &mut impl FnMut(usize, Blank)) {
        for (at, byte) in chunk.iter().enumerate() {
            if self.ended {
                return;
            }
            if self.ends_element(*byte) {
                self.ended = *byte == b']';
                let something = std::mem::take(&mut self.any);
                each(at + 1, Blank(!something));
            } else {
                self.any |= !byte.is_ascii_whitespace();
            }
        }
    }

    fn ends_element(&mut self, byte: u8) -> bool {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b',' | b']' if self.depth == 0 => return true,
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth = self.depth.saturating_add(1),
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        false
    }

    fn element(&mut self, part: &[u8], each: &mut impl FnMut(Cut<'_>)) {
        let whole_in_chunk = self.held.is_empty() && part.len() <= ROW_BYTES_MAX;
        let cut = if whole_in_chunk {
            Cut::Line(part)
        } else {
            self.hold(part);
            self.held.get().map_or(Cut::TooLong, Cut::Line)
        };
        let blank = matches!(cut, Cut::Line(text) if text.trim_ascii().is_empty());
        if !(blank && self.ended && !self.any) {
            each(cut);
        }
        self.any = true;
        self.held.clear();
    }

    fn hold(&mut self, part: &[u8]) {
        // Blanks before an element are no part of it.
        let part = if self.held.is_empty() {
            part.trim_ascii_start()
        } else {
            part
        };
        self.held.push(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &[u8], chunk: usize) -> (Vec<Option<String>>, Vec<u8>, bool) {
        let (mut elements, mut found, mut after) = (Elements::default(), Vec::new(), Vec::new());
        let mut each = |cut: Cut<'_>| {
            found.push(match cut {
                Cut::Line(text) => Some(String::from_utf8(text.trim_ascii().to_vec()).unwrap()),
                Cut::TooLong => None,
            });
        };
        for part in text.chunks(chunk) {
            let ended = elements.ended();
            let rest = if ended {
                part
            } else {
                elements.push(part, &mut each)
            };
            after.extend_from_slice(rest);
        }
        (found, after, elements.ended())
    }

    #[test]
    fn chunks_do_not_matter() {
        let text = br#" {"a":[1,{"b":"],}\""}]} , 7, "x,]" ,[] ]tail"#;
        let expected = [r#"{"a":[1,{"b":"],}\""}]}"#, "7", r#""x,]""#, "[]"];
        for chunk in 1..=text.len() {
            let (found, after, ended) = cut(text, chunk);
            let found: Vec<_> = found.into_iter().map(Option::unwrap).collect();
            assert_eq!(found, expected, "chunks of {chunk}");
            assert_eq!((after.as_slice(), ended), (&b"tail"[..], true));
        }
    }

    #[test]
    fn only_an_empty_array_has_no_elements() {
        for (text, expected) in [("]", 0), (" \n ]", 0), (",]", 2), ("1,]", 2), ("1]", 1)] {
            assert_eq!(cut(text.as_bytes(), 1).0.len(), expected, "{text}");
        }
        assert!(!cut(b"{\"a\":\"]", 1).2);
    }

    #[test]
    fn an_element_is_bounded_and_the_next_one_is_read() {
        let blank = " ".repeat(ROW_BYTES_MAX * 2);
        let fits = format!("\"{}\"", "x".repeat(ROW_BYTES_MAX - 2));
        let text = format!("{blank}{fits},\"x{}\",3]", "x".repeat(ROW_BYTES_MAX));
        for chunk in [1, 1_000, 4_096] {
            let (found, _, ended) = cut(text.as_bytes(), chunk);
            let lens: Vec<_> = found.iter().map(|f| f.as_ref().map(String::len)).collect();
            assert_eq!(
                lens,
                [Some(ROW_BYTES_MAX), None, Some(1)],
                "chunks of {chunk}"
            );
            assert!(ended);
        }
    }
}
