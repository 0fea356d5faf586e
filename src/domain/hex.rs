//! Lower-case hex, as hashes and salts are written.

/// Appends two digits a byte.
pub fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    // Arithmetic on pieces of a fixed length: a digest's digits are made many at a time.
    let (pieces, rest) = bytes.as_chunks::<32>();
    for piece in pieces {
        let pairs = piece.map(|byte| [nibble(byte >> 4), nibble(byte & 15)]);
        out.extend_from_slice(pairs.as_flattened());
    }
    for byte in rest {
        out.extend_from_slice(&[nibble(byte >> 4), nibble(byte & 15)]);
    }
}

/// The digit of a number below 16.
const fn nibble(value: u8) -> u8 {
    value + if value < 10 { b'0' } else { b'a' - 10 }
}

/// The digits of `bytes`.
pub fn hex(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len() * 2);
    push_hex(&mut out, bytes);
    // Digits are ASCII.
    String::from_utf8(out).unwrap_or_default()
}

/// Reads 64 digits, of either case. `None` when the text is anything else.
pub fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut out = [0_u8; 32];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != out.len() || !rest.is_empty() {
        return None;
    }
    for (slot, [high, low]) in out.iter_mut().zip(pairs) {
        *slot = digit(*high)? << 4 | digit(*low)?;
    }
    Some(out)
}

fn digit(byte: u8) -> Option<u8> {
    let value = char::from(byte).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_two_digits() {
        assert_eq!(hex(&[]), "");
        assert_eq!(hex(&[0x00, 0x09, 0x0a, 0x10, 0xf0, 0xff]), "00090a10f0ff");
        // Pieces and their rest.
        let all: Vec<u8> = (0..=255).chain(0..7).collect();
        let slow: Vec<String> = all.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex(&all), slow.concat());
    }

    #[test]
    fn reads_back_sixty_four_digits_and_nothing_else() {
        let bytes: [u8; 32] = std::array::from_fn(|n| u8::try_from(n * 8).unwrap());
        let text = hex(&bytes);
        assert_eq!(unhex(&text), Some(bytes));
        assert_eq!(unhex(&text.to_uppercase()), Some(bytes));
        for bad in [
            hex(&bytes[1..]),
            format!("{text}0"),
            format!("{text}00"),
            text.replace("f8", "g8"),
            text.replace("f8", "+8"),
            text.replace("f8", "\u{e9}"),
        ] {
            assert_eq!(unhex(&bad), None, "{bad}");
        }
    }
}
