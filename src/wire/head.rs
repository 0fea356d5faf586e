//! The head of a tenant's chain as a header spells it: `SEQ:HASH`, the hash in lower-case hex.

use crate::domain::hex::{hex, unhex};

/// A place in a chain and the hash of the row there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainHead {
    /// From 1; 0 is the empty chain.
    pub seq: u64,
    /// SHA-256.
    pub hash: [u8; 32],
}

impl std::fmt::Display for ChainHead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.seq, hex(&self.hash))
    }
}

impl ChainHead {
    /// Reads what [`Display`](std::fmt::Display) writes, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let (seq, digits) = text.split_once(':')?;
        let head = Self {
            seq: seq.parse().ok()?,
            hash: unhex(digits)?,
        };
        // One spelling only: no sign, no leading zero, no capitals.
        (head.to_string() == text).then_some(head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_comes_back_and_no_other() {
        let head = ChainHead {
            seq: 17,
            hash: [0xa5; 32],
        };
        let text = head.to_string();
        assert_eq!(text, format!("17:{}", "a5".repeat(32)));
        assert_eq!(ChainHead::parse(&text), Some(head));
        for bad in [
            "",
            "17",
            "17:",
            text.strip_suffix("5").unwrap(),
            &format!("{text}0"),
            &format!("+{text}"),
            &format!("0{text}"),
            &text.to_uppercase(),
            &text.replace('a', "g"),
            &format!("x:{}", "a5".repeat(32)),
        ] {
            assert_eq!(ChainHead::parse(bad), None, "{bad}");
        }
    }
}
