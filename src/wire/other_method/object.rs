//! A JSON object: the names at its top.

use super::{NAME_BYTES_MAX, is_the_name};

/// Where an object is being read. What is no JSON is followed as far as its quotes and brackets tell.
#[derive(Debug, Default)]
pub(super) struct Object {
    depth: u64,
    /// The outermost bracket is that of an object.
    is_one: bool,
    /// The next text is a name.
    before_name: bool,
    text: Option<Text>,
    pub(super) found: bool,
}

/// A text that is being read.
#[derive(Debug, Default)]
struct Text {
    is_name: bool,
    escaped: bool,
    /// Digits of a `\u` that are still to come, and those that came.
    hex: Option<(u8, u32)>,
    plain: Vec<u8>,
    too_long: bool,
}

impl Object {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if let Some(text) = &mut self.text {
                if text.push(*byte) {
                    self.found |= text.is_name && !text.too_long && is_the_name(&text.plain);
                    self.text = None;
                }
                continue;
            }
            match byte {
                b'"' => {
                    let is_name = self.depth == 1 && self.is_one && self.before_name;
                    self.text = Some(Text {
                        is_name,
                        ..Text::default()
                    });
                }
                b'{' | b'[' => {
                    if self.depth == 0 {
                        self.is_one = *byte == b'{';
                    }
                    self.depth = self.depth.saturating_add(1);
                    self.before_name = true;
                }
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                b',' => self.before_name = true,
                b':' => self.before_name = false,
                _ => {}
            }
        }
    }
}

impl Text {
    /// Takes a byte; whether the text has ended.
    fn push(&mut self, byte: u8) -> bool {
        if let Some((left, value)) = self.hex {
            let digit = char::from(byte).to_digit(16).unwrap_or(0);
            let value = value * 16 + digit;
            self.hex = (left > 1).then_some((left - 1, value));
            if left == 1 {
                // What lies beyond ASCII is in no name that is looked for.
                self.keep(u8::try_from(value).unwrap_or(b'?'));
            }
            return false;
        }
        if std::mem::take(&mut self.escaped) {
            match byte {
                b'u' => self.hex = Some((4, 0)),
                b'b' | b'f' | b'n' | b'r' | b't' => self.keep(b' '),
                other => self.keep(other),
            }
            return false;
        }
        match byte {
            b'"' => return true,
            b'\\' => self.escaped = true,
            other => self.keep(other),
        }
        false
    }

    fn keep(&mut self, byte: u8) {
        if !self.is_name {
            return;
        }
        if self.plain.len() < NAME_BYTES_MAX {
            self.plain.push(byte);
        } else {
            self.too_long = true;
        }
    }
}
