//! A form as in a query: names before `=`, pairs between `&` or `;`.

use super::{NAME_BYTES_MAX, decoded, is_the_name};

/// Where a form is being read.
#[derive(Debug, Default)]
pub(super) struct Form {
    name: Vec<u8>,
    in_value: bool,
    too_long: bool,
    pub(super) found: bool,
}

impl Form {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'&' | b';' => self.end(),
                b'=' if !self.in_value => {
                    self.look();
                    self.in_value = true;
                }
                _ if self.in_value => {}
                byte => self.name_goes_on(*byte),
            }
        }
    }

    /// The pair has ended.
    pub(super) fn end(&mut self) {
        if !self.in_value {
            self.look();
        }
        (self.in_value, self.too_long) = (false, false);
        self.name.clear();
    }

    fn name_goes_on(&mut self, byte: u8) {
        if self.name.len() < NAME_BYTES_MAX {
            self.name.push(byte);
            // However many spaces stand before a name, they are none of it.
            let spaces = decoded(&self.name);
            if spaces.iter().all(u8::is_ascii_whitespace) {
                self.name.clear();
            }
        } else {
            self.too_long = true;
        }
    }

    fn look(&mut self) {
        self.found |= !self.too_long && is_the_name(&decoded(&self.name));
    }
}
