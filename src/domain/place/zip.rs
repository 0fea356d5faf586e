//! Five-digit ZIP codes.

use std::fmt;

/// A ZIP code, `1..=99_999`; the first three digits name the sectional centre.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Zip5(u32);

impl Zip5 {
    /// Reads `NNNNN` or `NNNNN-NNNN`; the four digits after the hyphen are dropped.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (head, tail) = bytes.split_at_checked(5)?;
        let tail_reads = match tail {
            [] => true,
            [b'-', rest @ ..] => rest.len() == 4 && rest.iter().all(u8::is_ascii_digit),
            _ => false,
        };
        if !tail_reads {
            return None;
        }
        head.iter()
            .try_fold(0_u32, |sum, byte| {
                byte.is_ascii_digit()
                    .then(|| sum * 10 + u32::from(byte - b'0'))
            })
            .and_then(Self::from_number)
    }

    /// The ZIP with this number; 0 is none.
    pub const fn from_number(number: u32) -> Option<Self> {
        if number >= 1 && number <= 99_999 {
            Some(Self(number))
        } else {
            None
        }
    }

    /// The number.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The first three digits, `0..=999`.
    #[expect(clippy::cast_possible_truncation, reason = "three decimal digits")]
    pub const fn prefix(self) -> u16 {
        (self.0 / 100) as u16
    }
}

impl fmt::Display for Zip5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:05}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_five_digits_with_or_without_four_more() {
        for (text, raw) in [
            ("00501", 501),
            ("90210", 90_210),
            ("90210-1234", 90_210),
            ("00001", 1),
        ] {
            assert_eq!(Zip5::parse(text), Zip5::from_number(raw), "{text}");
        }
        for text in [
            "",
            "9021",
            "902101",
            "90210-",
            "90210-123",
            "9021O",
            "90210 1234",
            "\u{661}0210",
            "00000",
        ] {
            assert_eq!(Zip5::parse(text), None, "{text}");
        }
        assert_eq!(Zip5::from_number(100_000), None);
        assert_eq!(Zip5::from_number(0), None);
        assert_eq!(Zip5::parse("00501").unwrap().to_string(), "00501");
        assert_eq!(Zip5::parse("00501").unwrap().prefix(), 5);
    }
}
