//! North American telephone numbers: ten digits, brought to one form at intake.
//!
//! Accepted: ten digits, or eleven with a leading 1, with or without `+`, with the usual
//! punctuation (space, `(`, `)`, `-`, `.`, `/`) between digits. Refused: every other character
//! (letters, so extensions and vanity words too: a gate that guessed what follows the number could
//! judge another line than the one that is dialled; digits and blanks outside ASCII), other country
//! codes, and numbers the numbering plan cannot hold.

#[cfg(test)]
mod tests;

use std::fmt;

/// Longest text that is looked at, in bytes; a number with every usual mark is under 24.
pub const PHONE_TEXT_BYTES_MAX: usize = 32;

/// A ten-digit number of the North American Numbering Plan, e.g. `8185551234`.
///
/// Area code and exchange are `[2-9]XX`, neither ends in 11, the area code's middle digit is not 9
/// (kept for expansion). Fictional numbers (555-01XX) are numbers like any other.
///
/// Five bytes, the highest first: millions of them are held, and they sort as their digits do.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    rkyv::Archive,
    rkyv::Serialize,
    rkyv::Deserialize,
)]
pub struct PhoneNumber([u8; 5]);

/// Why a text is not a telephone number. Carries no digits: numbers are personal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PhoneError {
    /// Nothing but punctuation.
    #[error("phone number is empty")]
    Empty,
    /// Longer than [`PHONE_TEXT_BYTES_MAX`].
    #[error("phone number is too long")]
    TooLong,
    /// A character that stands in no telephone number, an extension among them.
    #[error("phone number has a character that is neither digit nor punctuation")]
    Character,
    /// Neither ten digits nor eleven with a leading 1.
    #[error("phone number does not have ten digits")]
    DigitCount,
    /// A country code other than 1.
    #[error("phone number is outside the North American Numbering Plan")]
    CountryCode,
    /// The area code cannot exist.
    #[error("phone number has an impossible area code")]
    AreaCode,
    /// The exchange code cannot exist.
    #[error("phone number has an impossible exchange code")]
    Exchange,
}

impl PhoneNumber {
    /// Reads a number as people and dialers write it.
    ///
    /// # Errors
    /// [`PhoneError`], the first thing found wrong.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        if text.len() > PHONE_TEXT_BYTES_MAX {
            return Err(PhoneError::TooLong);
        }
        let mut number = 0_u64;
        let mut digits = 0_u32;
        let mut plus = false;
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' => {
                    number = number.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
                    digits += 1;
                }
                b'+' if digits == 0 && !plus => plus = true,
                b' ' | b'(' | b')' | b'-' | b'.' | b'/' => {}
                _ => return Err(PhoneError::Character),
            }
        }
        match (digits, plus) {
            (0, _) => Err(PhoneError::Empty),
            (10, false) => Self::from_digits(number),
            (11, _) if number / 10_000_000_000 == 1 => Self::from_digits(number % 10_000_000_000),
            (11.., true) => Err(PhoneError::CountryCode),
            _ => Err(PhoneError::DigitCount),
        }
    }

    /// The number with these ten digits.
    ///
    /// # Errors
    /// [`PhoneError`] when the numbering plan cannot hold it.
    pub const fn from_digits(digits: u64) -> Result<Self, PhoneError> {
        if digits > 9_999_999_999 {
            return Err(PhoneError::DigitCount);
        }
        let area = digits / 10_000_000;
        if area < 200 || area % 100 == 11 || area / 10 % 10 == 9 {
            return Err(PhoneError::AreaCode);
        }
        let exchange = digits / 10_000 % 1_000;
        if exchange < 200 || exchange % 100 == 11 {
            return Err(PhoneError::Exchange);
        }
        let [_, _, _, low @ ..] = digits.to_be_bytes();
        Ok(Self(low))
    }

    /// The ten digits as a number.
    pub const fn digits(self) -> u64 {
        let [high, middle @ .., low] = self.0;
        let [second, third, fourth] = middle;
        u64::from_be_bytes([0, 0, 0, high, second, third, fourth, low])
    }

    /// The area code, `200..=989`.
    #[expect(clippy::cast_possible_truncation, reason = "three decimal digits")]
    pub const fn area_code(self) -> u16 {
        (self.digits() / 10_000_000) as u16
    }

    /// E.164 in a fixed buffer, `+1XXXXXXXXXX`: nothing is allocated.
    pub fn e164(self) -> E164 {
        let mut text = *b"+10000000000";
        let mut rest = self.digits();
        for slot in text.iter_mut().skip(2).rev() {
            *slot = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
        E164(text)
    }
}

/// The E.164 text of a number, twelve ASCII bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct E164([u8; 12]);

impl E164 {
    /// The text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("")
    }
}

/// Prints E.164. For answers and exports only: never for logs.
impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.e164().as_str())
    }
}

/// Hides the number, so that a stray `{:?}` in a log or a panic leaks nothing.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(..)")
    }
}

/// Hides the number.
impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("E164(..)")
    }
}
