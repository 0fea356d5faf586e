//! The one hash that is written down: posting keys, call ids and address keys must mean the same
//! on every machine and in every version, so it is defined here and never changes.

const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// 64-bit FNV-1a over the parts, each ended by a zero byte, finished with a 64-bit mixer so that
/// low bits are as good as high ones.
pub fn stable_hash(parts: &[&[u8]]) -> u64 {
    finished(BASIS, parts)
}

/// A [`stable_hash`] whose first part is always the same, which is hashed when this is compiled.
#[derive(Debug, Clone, Copy)]
pub struct StableHash(u64);

impl StableHash {
    /// Of which `first` is the first part.
    pub const fn of(first: &[u8]) -> Self {
        let (mut hash, mut rest) = (BASIS, first);
        while let [byte, tail @ ..] = rest {
            hash = (hash ^ *byte as u64).wrapping_mul(PRIME);
            rest = tail;
        }
        Self(hash.wrapping_mul(PRIME))
    }

    /// The hash, with the parts that follow.
    pub fn then(self, parts: &[&[u8]]) -> u64 {
        finished(self.0, parts)
    }
}

#[inline]
fn finished(begun: u64, parts: &[&[u8]]) -> u64 {
    let mut hash = begun;
    for part in parts {
        for byte in *part {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
        hash = hash.wrapping_mul(PRIME);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

/// 128 bits for idempotency keys: two hashes over different prefixes.
pub fn stable_hash_128(parts: &[&[u8]]) -> u128 {
    let wide = |prefix: &'static [u8]| {
        let all: [&[u8]; 4] = [
            prefix,
            parts.first().copied().unwrap_or_default(),
            parts.get(1).copied().unwrap_or_default(),
            parts.get(2).copied().unwrap_or_default(),
        ];
        u128::from(stable_hash(&all))
    };
    (wide(b"a") << 64) | wide(b"b")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_written_down() {
        assert_eq!(stable_hash(&[b"demo", b"ACC-001"]), 0xe748_51ab_b07b_89fe);
        assert_eq!(
            StableHash::of(b"demo").then(&[b"ACC-001"]),
            0xe748_51ab_b07b_89fe
        );
        assert_ne!(stable_hash(&[b"ab", b"c"]), stable_hash(&[b"a", b"bc"]));
    }
}
