//! JSON strings: raw UTF-8, escaping only what must be.

/// Appends `text` as a JSON string: `\"`, `\\` and `\u00xx` for control characters, nothing else.
pub fn push_string(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    // Without a branch a byte, so that the usual text is looked through many bytes at a time.
    let escaped =
        |byte: u8| u8::from(byte < 0x20) | u8::from(byte == b'"') | u8::from(byte == b'\\');
    if text.bytes().fold(0, |any, byte| any | escaped(byte)) == 0 {
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        return;
    }
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0..0x20 => {
                out.extend_from_slice(b"\\u00");
                for nibble in [byte >> 4, byte & 15] {
                    out.push(HEX.get(usize::from(nibble)).copied().unwrap_or(b'0'));
                }
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Appends a whole number in decimal.
#[inline]
pub fn push_number(out: &mut Vec<u8>, number: u64) {
    // Words, slots and counts mostly have one digit.
    match u8::try_from(number) {
        Ok(digit @ 0..10) => out.push(b'0' + digit),
        _ => push_digits(out, number),
    }
}

/// What one word of digits holds.
const EIGHT_DIGITS: u64 = 100_000_000;
/// `'0'` in each byte.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// Eight digits are made in one word and stored at once: neither a branch nor a copy a digit.
fn push_digits(out: &mut Vec<u8>, number: u64) {
    if number >= EIGHT_DIGITS {
        push_number(out, number / EIGHT_DIGITS);
        let text = eight_digits(number % EIGHT_DIGITS) | ZEROS;
        out.extend_from_slice(&text.to_le_bytes());
        return;
    }
    let digits = eight_digits(number);
    // All eight when there is nothing but zeros: never asked, and no more than a number too long.
    let leading = digits.trailing_zeros() / 8 % 8;
    let text = (digits | ZEROS) >> (8 * leading);
    let end = out.len() + 8 - leading as usize;
    out.extend_from_slice(&text.to_le_bytes());
    out.truncate(end);
}

/// The digits of a number below 10^8, a byte each, the first in the lowest byte.
///
/// The number is halved by a division of all its parts at once: in fours, in pairs, in single
/// digits. `x * 10486 >> 20` is `x / 100` below 10,000, and `x * 103 >> 10` is `x / 10` below 100.
const fn eight_digits(number: u64) -> u64 {
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let high = ((fours * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let pairs = high | ((fours - high * 100) << 16);
    let high = ((pairs * 103) >> 10) & 0x000f_000f_000f_000f;
    high | ((pairs - high * 10) << 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_only_what_must_be() {
        let mut out = Vec::new();
        push_string(&mut out, "a\"b\\c\n\u{1f}é/\u{7f}");
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\"a\\\"b\\\\c\\u000a\\u001fé/\u{7f}\""
        );
    }

    #[test]
    fn numbers_have_no_leading_zero() {
        // Every pair and four in every place, and both sides of every power of ten.
        let all = (0..=10_000).flat_map(|n| [n, n * 10_000, n * EIGHT_DIGITS + 7]);
        let powers = (0..20).map(|n| 10_u64.pow(n)).flat_map(|n| [n - 1, n]);
        for number in all.chain(powers).chain([u64::MAX]) {
            let mut out = Vec::new();
            push_number(&mut out, number);
            assert_eq!(out, number.to_string().into_bytes());
        }
    }
}
