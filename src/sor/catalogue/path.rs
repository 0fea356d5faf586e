//! Paths byte by byte.

/// Whether a path says one thing only: it begins with a slash, and no reading of it has dot segments,
/// control characters or escapes that are broken.
///
/// Escapes are undone once. A segment also ends at an encoded slash, at a backslash and at a
/// semicolon, where one system or another ends it.
pub(super) fn is_plain(path: &str) -> bool {
    if !path.starts_with('/') {
        return false;
    }
    let mut segment = Segment::default();
    let mut rest = path.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        let mut byte = *first;
        if byte == b'%' {
            let Some((high, low, tail)) = escape(rest) else {
                return false;
            };
            byte = (high << 4) | low;
            rest = tail;
        }
        if byte.is_ascii_control() || !segment.take(byte) {
            return false;
        }
    }
    !segment.is_dots()
}

/// The two digits behind a percent sign, and what follows them.
fn escape(rest: &[u8]) -> Option<(u8, u8, &[u8])> {
    let (pair, tail) = rest.split_at_checked(2)?;
    let [high, low] = pair else { return None };
    Some((digit(*high)?, digit(*low)?, tail))
}

fn digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

/// A segment as far as it has been read: its dots, and whether it has anything else.
#[derive(Default)]
struct Segment {
    dots: usize,
    other: bool,
}

impl Segment {
    /// Takes a byte; `false` when it ends a segment of dots.
    fn take(&mut self, byte: u8) -> bool {
        match byte {
            b'/' | b'\\' | b';' => {
                let dots = self.is_dots();
                *self = Self {
                    dots: 0,
                    // What follows a semicolon belongs to its segment.
                    other: byte == b';',
                };
                return !dots;
            }
            b'.' => self.dots += 1,
            _ => self.other = true,
        }
        true
    }

    fn is_dots(&self) -> bool {
        !self.other && (1..=2).contains(&self.dots)
    }
}

/// Adds a value as one segment: everything but letters, digits and `-._~` is encoded.
pub(super) fn encode(value: &str, into: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.extend(hex(byte));
        }
    }
}

fn hex(byte: u8) -> [char; 2] {
    [byte >> 4, byte & 0xf].map(|nibble| {
        let digit = char::from_digit(u32::from(nibble), 16).unwrap_or('0');
        digit.to_ascii_uppercase()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_two_readings_is_not_plain() {
        for path in [
            "",
            "api",
            "/.",
            "/..",
            "/a/./b",
            "/a/../b",
            "/a/..",
            "/%2e",
            "/%2E%2e/b",
            "/a/.%2e/b",
            "/a%2F..%2Fb",
            "/a%2f.",
            "/a\\..\\b",
            "/a%5c..",
            "/..;x/b",
            "/a/.;/b",
            "/a%00",
            "/a%0d%0ab",
            "/a%7f",
            "/a%",
            "/a%2",
            "/a%zz",
            "/a%+1",
            "/\u{7f}",
        ] {
            assert!(!is_plain(path), "{path}");
        }
        for path in [
            "/", "//", "/a/", "/a//b", "/...", "/a./b", "/.a", "/..a/b", "/a%2Fb", "/a%252e",
            "/a;b=.c", "/a;..", "/%41", "/\u{fc}", "/a%FF", "/a b",
        ] {
            assert!(is_plain(path), "{path}");
        }
    }

    #[test]
    fn a_value_is_one_segment() {
        let mut text = String::new();
        encode("aZ9-._~/ %\u{fc}", &mut text);
        assert_eq!(text, "aZ9-._~%2F%20%25%C3%BC");
    }
}
