//! Segment files: `seg-00000001.dgl`, of fixed length, zero-filled before use. Format version 1,
//! little-endian. The header says where the chains stood, so a segment verifies alone:
//!
//! | at | bytes | what |
//! |---|---|---|
//! | 0 | 8 | magic `DGSEGMNT` |
//! | 8 | 4 | format version, 1 |
//! | 12 | 4 | header length, whole sectors |
//! | 16 | 4 | segment length, bytes |
//! | 20 | 4 | segment number, from 1 |
//! | 24 | 8 | number of the first frame |
//! | 32 | 32 | hash of the frame before it, zeros at the start |
//! | 64 | 4 | tenants in the table `n` |
//! | 68 | 4 | CRC-32 of the whole header with this field zero |
//! | 72 | | `n` times: number `u16`, name length `u16`, seq `u64`, hash 32 bytes, name |
//! | .. | | zeros to the next sector; frames follow |
//!
//! The header is written when the segment takes its first frame; until then it is all zeros. The
//! CRC guards against accidents only: heads altered on purpose break the first row that follows.

use super::bytes::{Taker, all_zero};
use super::chain::Chains;
use super::limits::{
    SECTOR_BYTES, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN, SEGMENT_HEADER_BYTES_MAX, len_u32,
    sectors_up,
};
use super::row::{FrameHead, Head};

const MAGIC: [u8; 8] = *b"DGSEGMNT";
const VERSION: u32 = 1;
const FIXED_BYTES: usize = 72;
const CRC_AT: usize = 68;

/// What a segment says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentHeader {
    /// Number of the segment, from 1.
    pub segment: u32,
    /// Length of the file, bytes.
    pub segment_bytes: u32,
    /// The last frame before this segment.
    pub before: FrameHead,
    /// The tenants and their heads before this segment.
    pub chains: Chains,
}

/// What stands at the start of a segment file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderState {
    /// Zeros: prepared, not in use.
    Prepared,
    /// In use.
    Active(Box<SegmentHeader>),
    /// Neither: a header cut short, or altered.
    Bad,
}

/// File name of a segment.
pub fn segment_name(segment: u32) -> String {
    format!("seg-{segment:08}.dgl")
}

/// Number of the segment with this file name.
pub fn segment_number(name: &str) -> Option<u32> {
    let digits = name.strip_prefix("seg-")?.strip_suffix(".dgl")?;
    let number = digits.parse().ok().filter(|n| *n > 0)?;
    (segment_name(number) == name).then_some(number)
}

impl SegmentHeader {
    /// Length of this header, bytes: where the first frame starts.
    pub fn bytes(&self) -> u32 {
        let tenants: usize = self.chains.iter().map(|(_, name, _)| 44 + name.len()).sum();
        sectors_up(len_u32(FIXED_BYTES + tenants))
    }

    /// The header as written, whole sectors.
    pub fn encode(&self) -> Vec<u8> {
        let len = self.bytes();
        let mut out = Vec::with_capacity(len as usize);
        out.extend_from_slice(&MAGIC);
        for field in [VERSION, len, self.segment_bytes, self.segment] {
            out.extend_from_slice(&field.to_le_bytes());
        }
        out.extend_from_slice(&(self.before.frame + 1).to_le_bytes());
        out.extend_from_slice(&self.before.hash);
        out.extend_from_slice(&len_u32(self.chains.iter().count()).to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        for (no, name, head) in self.chains.iter() {
            let name_len = u16::try_from(name.len()).unwrap_or(u16::MAX);
            out.extend_from_slice(&no.to_le_bytes());
            out.extend_from_slice(&name_len.to_le_bytes());
            out.extend_from_slice(&head.seq.to_le_bytes());
            out.extend_from_slice(&head.hash);
            out.extend_from_slice(name.as_bytes());
        }
        out.resize(len as usize, 0);
        let crc = crc32fast::hash(&out);
        out[CRC_AT..CRC_AT + 4].copy_from_slice(&crc.to_le_bytes());
        out
    }

    /// Reads the header at the start of `bytes` (up to [`SEGMENT_HEADER_BYTES_MAX`] of the file).
    pub fn read(bytes: &[u8]) -> HeaderState {
        let first = bytes.get(..SECTOR_BYTES as usize).unwrap_or(bytes);
        if all_zero(first) {
            return HeaderState::Prepared;
        }
        Self::decode(bytes).map_or(HeaderState::Bad, |h| HeaderState::Active(Box::new(h)))
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut t = Taker(bytes);
        if t.array() != Some(MAGIC) || t.u32()? != VERSION {
            return None;
        }
        let len = t.u32().filter(|n| *n <= SEGMENT_HEADER_BYTES_MAX)?;
        let mut whole = bytes.get(..len as usize)?.to_vec();
        whole.get_mut(CRC_AT..CRC_AT + 4)?.fill(0);
        let crc = crc32fast::hash(&whole);
        let segment_bytes = t
            .u32()
            .filter(|n| (SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX).contains(n))?;
        let segment = t.u32()?;
        let before = FrameHead {
            frame: t.u64()?.checked_sub(1)?,
            hash: t.array()?,
        };
        let count = t.u32()?;
        if t.u32()? != crc {
            return None;
        }
        let mut chains = Chains::default();
        for _ in 0..count {
            let (no, name_len) = (t.u16()?, t.u16()?);
            let head = Head {
                seq: t.u64()?,
                hash: t.array()?,
            };
            let name = str::from_utf8(t.take(name_len.into())?).ok()?;
            chains.declare_at(no, name, head).ok()?;
        }
        let header = Self {
            segment,
            segment_bytes,
            before,
            chains,
        };
        (header.bytes() == len).then_some(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> SegmentHeader {
        let mut chains = Chains::default();
        chains
            .declare_at(
                7,
                "acme",
                Head {
                    seq: 41,
                    hash: [0xaa; 32],
                },
            )
            .unwrap();
        chains
            .declare_at(
                2,
                "demo-b",
                Head {
                    seq: 0,
                    hash: [0; 32],
                },
            )
            .unwrap();
        let before = FrameHead {
            frame: 99,
            hash: [0xbb; 32],
        };
        SegmentHeader {
            segment: 3,
            segment_bytes: 65536,
            before,
            chains,
        }
    }

    #[test]
    fn header_round_trips_and_every_altered_byte_shows() {
        let bytes = header().encode();
        assert_eq!(bytes.len(), 512);
        assert_eq!(
            SegmentHeader::read(&bytes),
            HeaderState::Active(Box::new(header()))
        );
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            assert_eq!(SegmentHeader::read(&bad), HeaderState::Bad, "byte {at}");
        }
        assert_eq!(SegmentHeader::read(&[0; 4096]), HeaderState::Prepared);
        assert_eq!(SegmentHeader::read(&bytes[..100]), HeaderState::Bad);
    }

    #[test]
    fn names_are_exact() {
        assert_eq!(segment_name(1), "seg-00000001.dgl");
        assert_eq!(segment_number("seg-00000001.dgl"), Some(1));
        for bad in [
            "seg-00000000.dgl",
            "seg-1.dgl",
            "seg-00000001.dgl.new",
            "seg-+0000001.dgl",
        ] {
            assert_eq!(segment_number(bad), None, "{bad}");
        }
    }
}
