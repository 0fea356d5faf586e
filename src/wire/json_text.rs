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
        _ => out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes()),
    }
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
        for number in [0, 9, 10, 16_383, u64::MAX] {
            let mut out = Vec::new();
            push_number(&mut out, number);
            assert_eq!(out, number.to_string().into_bytes());
        }
    }
}
