//! Row bodies: the canonical bytes that are chained.
//!
//! JSON, keys in ASCII order, no spaces, no floats, raw UTF-8. Every body has `k` (kind), `q` (its
//! position in the tenant's chain) and `t` (engine time); a body with subjects has `sd`, their
//! digests in hex. Field tables by kind:
//!
//! | k | what | fields |
//! |---|---|---|
//! | `a` | admin | `op` kill, clock, withdraw or ack, `on`, `r` rows acknowledged, `sc` scope, `sd` of the reason or of who acknowledged, `v` value |
//! | `d` | decision | `a` account, `af` attempt flags, `b` blocked gates, `c` codes, `cr` their rules, `d` debts reserved, `dx` more than 16 of them, `e` evaluation, `f` rules flagged, `g` gates asked, `h` phone slot, `i` intent words, `m` e-mail slot, `p` person, `rp` replaced reservation, `u` use_by, `v` activation row, `w` what was used up, `x` next_allowed_at |
//! | `f` | facts | `r` records: `a` account, `d` and `p` surrogates newly given, `r` the record |
//! | `o` | outcome | the attempt as it stands and the facts stated: `docs/ledger.md` |
//! | `p` | announcement | `from` engine time, `pack` hash |
//! | `u` | unchanged | `a` accounts |
//! | `v` | activation | `pack`, `policy`, `zones` hashes, `semantics` |

use super::json_text::{push_number, push_string};
use crate::domain::hex::push_hex;

/// Builds one body. Fields must be given in ASCII order; a debug build checks it (ROW-1).
#[derive(Debug, Default)]
pub struct RowBody {
    bytes: Vec<u8>,
    #[cfg(debug_assertions)]
    last: String,
}

impl RowBody {
    /// Starts over, keeping the buffer.
    pub fn begin(&mut self) {
        self.bytes.clear();
        #[cfg(debug_assertions)]
        self.last.clear();
    }

    #[inline]
    fn key(&mut self, key: &str) {
        #[cfg(debug_assertions)]
        {
            debug_assert!(
                self.last.as_str() < key,
                "ROW-1: {} before {key}",
                self.last
            );
            key.clone_into(&mut self.last);
        }
        // Keys are short, and appending a fixed number of bytes is a store, not a copy. The comma of the
        // first becomes the brace.
        match key.as_bytes() {
            [a] => self.bytes.extend_from_slice(&[b',', b'"', *a, b'"', b':']),
            [a, b] => {
                let text = [b',', b'"', *a, *b, b'"', b':'];
                self.bytes.extend_from_slice(&text);
            }
            longer => {
                self.bytes.extend_from_slice(b",\"");
                self.bytes.extend_from_slice(longer);
                self.bytes.extend_from_slice(b"\":");
            }
        }
    }

    /// An integer.
    #[inline]
    pub fn int(&mut self, key: &str, value: impl Into<i128>) {
        self.key(key);
        push_int(&mut self.bytes, value.into());
    }

    /// An integer that is left out when zero.
    pub fn int_unless_zero(&mut self, key: &str, value: u64) {
        if value != 0 {
            self.int(key, value);
        }
    }

    /// A word of a closed vocabulary or a hex text: needs no escaping.
    pub fn word(&mut self, key: &str, value: &str) {
        self.key(key);
        push_string(&mut self.bytes, value);
    }

    /// A boolean.
    pub fn flag(&mut self, key: &str, value: bool) {
        self.key(key);
        self.bytes
            .extend_from_slice(if value { b"true" } else { b"false" });
    }

    /// A list of integers; left out when empty.
    pub fn ints(&mut self, key: &str, values: impl IntoIterator<Item = u64>) {
        let mut values = values.into_iter();
        let Some(first) = values.next() else { return };
        self.key(key);
        self.bytes.push(b'[');
        push_number(&mut self.bytes, first);
        for value in values {
            self.bytes.push(b',');
            push_number(&mut self.bytes, value);
        }
        self.bytes.push(b']');
    }

    /// Digests in hex; left out when empty.
    pub fn digests<'a>(&mut self, digests: impl IntoIterator<Item = &'a [u8; 32]>) {
        let mut digests = digests.into_iter();
        let Some(first) = digests.next() else { return };
        self.key("sd");
        self.bytes.extend_from_slice(b"[\"");
        push_hex(&mut self.bytes, first);
        for digest in digests {
            self.bytes.extend_from_slice(b"\",\"");
            push_hex(&mut self.bytes, digest);
        }
        self.bytes.extend_from_slice(b"\"]");
    }

    /// A value that is canonical JSON already.
    pub fn raw(&mut self, key: &str, value: impl FnOnce(&mut Vec<u8>)) {
        self.key(key);
        value(&mut self.bytes);
    }

    /// Closes the body.
    pub fn end(&mut self) -> &[u8] {
        match self.bytes.first_mut() {
            Some(comma) => *comma = b'{',
            None => self.bytes.push(b'{'),
        }
        self.bytes.push(b'}');
        &self.bytes
    }
}

/// Decimal digits.
#[inline]
pub fn push_int(out: &mut Vec<u8>, value: i128) {
    match u64::try_from(value) {
        Ok(small) => push_number(out, small),
        Err(_) => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_canonical() {
        let mut body = RowBody::default();
        body.begin();
        body.int("a", 0_u64);
        body.ints("b", []);
        body.ints("c", [1, u64::MAX]);
        body.flag("d", true);
        body.digests([&[0xab_u8; 32]]);
        body.int("t", -5_i64);
        body.word("v", "a\"b");
        let digest = "ab".repeat(32);
        let expected = format!(
            r#"{{"a":0,"c":[1,18446744073709551615],"d":true,"sd":["{digest}"],"t":-5,"v":"a\"b"}}"#
        );
        assert_eq!(body.end(), expected.as_bytes());
        body.begin();
        assert_eq!(body.end(), b"{}");
        body.begin();
        body.digests([&[0; 32], &[0xff; 32]]);
        let (zeros, ones) = ("00".repeat(32), "ff".repeat(32));
        assert_eq!(
            body.end(),
            format!(r#"{{"sd":["{zeros}","{ones}"]}}"#).as_bytes()
        );
    }

    #[test]
    fn numbers_are_written_as_the_library_writes_them() {
        let edges = [
            0,
            9,
            10,
            99,
            100,
            12_345,
            i128::from(u64::MAX),
            i128::from(u64::MAX) + 1,
        ];
        for value in edges
            .into_iter()
            .flat_map(|n| [n, -n])
            .chain([i128::MIN, i128::MAX])
        {
            let mut out = Vec::new();
            push_int(&mut out, value);
            assert_eq!(out, value.to_string().as_bytes());
        }
    }

    #[test]
    fn row_1_fields_come_in_ascii_order() {
        let disorder = std::panic::catch_unwind(|| {
            let mut body = RowBody::default();
            body.begin();
            body.int("b", 1_u8);
            body.int("a", 1_u8);
        });
        let said = disorder.unwrap_err();
        let said = said.downcast_ref::<String>().unwrap();
        assert!(said.starts_with("ROW-1"), "{said}");
    }
}
