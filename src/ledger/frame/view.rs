//! Reading a frame back: its own shape and hash, then every link of its rows.

use super::builder::frame_hash;
use super::{
    ERASED, HASHED_HEADER_BYTES, HEADER_BYTES, MAGIC, PRESENT, ROW_ENTRY_BYTES,
    SUBJECT_HEADER_BYTES, TRAILER, VERSION, frame_bytes, subject_crc,
};
use crate::ledger::bytes::{Taker, all_zero};
use crate::ledger::chain::Chains;
use crate::ledger::limits::{FRAME_BYTES_MAX, FRAME_ROWS_MAX};
use crate::ledger::row::{FrameHead, Hash, Head, Subject, SubjectView, TenantNo, link};

/// What is wrong with a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameFault {
    /// The bytes do not begin with a frame of this version.
    #[error("no frame header")]
    Header,
    /// The section lengths are out of bounds or run past the end.
    #[error("frame length out of bounds")]
    Length,
    /// Header, tenants or row table were altered.
    #[error("frame hash does not match")]
    FrameHash,
    /// The frame does not follow its predecessor: number or hash.
    #[error("frame does not follow its predecessor")]
    FrameLink,
    /// The trailer or the padding after it was altered.
    #[error("frame trailer or padding altered")]
    Trailer,
    /// A tenant declaration is malformed or a repetition.
    #[error("tenant declaration malformed")]
    Declaration,
    /// The row's seq does not follow its tenant's head.
    #[error("row out of sequence")]
    RowSeq(TenantNo, u64),
    /// The row's hash is not the hash of its predecessor and body.
    #[error("row hash does not match")]
    RowHash(TenantNo, u64),
    /// A subject block is malformed or altered.
    #[error("subject block altered")]
    Subject(TenantNo, u64),
}

impl FrameFault {
    /// The row at fault: tenant number and seq.
    pub fn row(&self) -> Option<(TenantNo, u64)> {
        match *self {
            Self::RowSeq(tenant, seq) | Self::RowHash(tenant, seq) | Self::Subject(tenant, seq) => {
                Some((tenant, seq))
            }
            _ => None,
        }
    }
}

/// A row as it stands in its frame, its link not yet known.
#[derive(Debug, Clone)]
pub struct RawRow<'a> {
    /// Whose chain.
    pub tenant: TenantNo,
    /// Position and hash as stored.
    pub head: Head,
    /// Chained bytes.
    pub body: &'a [u8],
    /// Posting keys, 0 = none.
    pub keys: [u64; 2],
    /// Personal fields.
    pub subjects: Subjects<'a>,
}

/// A verified row, as recovery, replay and export see it.
#[derive(Debug, Clone)]
pub struct RowView<'a> {
    /// Frame it was committed in.
    pub frame: u64,
    /// Whose chain.
    pub tenant: TenantNo,
    /// Position in that chain, from 1.
    pub seq: u64,
    /// Hash of the row before.
    pub prev: Hash,
    /// Hash of this row.
    pub hash: Hash,
    /// Chained bytes, canonical JSON.
    pub body: &'a [u8],
    /// Posting keys, 0 = none.
    pub keys: [u64; 2],
    /// Personal fields, present or erased.
    pub subjects: Subjects<'a>,
}

impl<'a> RowView<'a> {
    pub(crate) fn new(frame: u64, prev: Hash, raw: RawRow<'a>) -> Self {
        let RawRow {
            tenant,
            head,
            body,
            keys,
            subjects,
        } = raw;
        Self {
            frame,
            tenant,
            seq: head.seq,
            prev,
            hash: head.hash,
            body,
            keys,
            subjects,
        }
    }
}

/// The subject blocks of one row, in order; cloning starts a second walk.
#[derive(Debug, Clone)]
pub struct Subjects<'a> {
    left: u16,
    rest: Taker<'a>,
}

impl<'a> Iterator for Subjects<'a> {
    type Item = SubjectView<'a>;

    fn next(&mut self) -> Option<SubjectView<'a>> {
        self.left = self.left.checked_sub(1)?;
        take_subject(&mut self.rest)
    }
}

impl Subjects<'_> {
    /// Whether every block marked erased is zeros; a power cut may have come in between.
    pub(crate) fn erasures_complete(&self) -> bool {
        let mut rest = self.rest;
        (0..self.left).all(|_| take_erased(&mut rest).unwrap_or(true))
    }

    /// Lengths of the blocks' bytes, present or erased.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = u32> {
        let mut rest = self.rest;
        (0..self.left).map_while(move |_| skip_subject(&mut rest).map(u32::from))
    }
}

/// A frame whose shape, hash and trailer are sound.
#[derive(Debug, Clone, Copy)]
pub struct FrameView<'a> {
    /// Number and hash.
    pub head: FrameHead,
    /// The hash it names as its predecessor's.
    pub prev: Hash,
    /// Rows in it.
    pub rows: u32,
    /// Length with padding, bytes.
    pub bytes: u32,
    tenants: &'a [u8],
    table: &'a [u8],
    bodies: &'a [u8],
    subjects: &'a [u8],
}

/// Length of the frame whose header starts `bytes`, from the header alone; bounded.
pub(crate) fn declared_bytes(bytes: &[u8]) -> Result<u32, FrameFault> {
    let mut t = Taker(bytes);
    let magic: [u8; 4] = t.array().ok_or(FrameFault::Header)?;
    if magic != MAGIC || t.u32() != Some(VERSION) {
        return Err(FrameFault::Header);
    }
    t.u64().ok_or(FrameFault::Length)?;
    let mut next = || t.u32().ok_or(FrameFault::Length);
    let (rows, tenants, bodies, subjects) = (next()?, next()?, next()?, next()?);
    let len = frame_bytes(tenants, rows, bodies, subjects);
    if rows > FRAME_ROWS_MAX || len > FRAME_BYTES_MAX {
        return Err(FrameFault::Length);
    }
    Ok(len)
}

impl<'a> FrameView<'a> {
    /// Takes the frame at the start of `bytes`; more may follow it.
    ///
    /// # Errors
    /// [`FrameFault`]; never panics, whatever the bytes.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FrameFault> {
        let (frame, padding) = Self::slice(bytes)?;
        let header = bytes.get(..HASHED_HEADER_BYTES).ok_or(FrameFault::Length)?;
        if frame_hash(header, frame.tenants, frame.table) != frame.head.hash {
            return Err(FrameFault::FrameHash);
        }
        let mut padding = Taker(padding);
        if padding.array() != Some(TRAILER) || !all_zero(padding.0) {
            return Err(FrameFault::Trailer);
        }
        Ok(frame)
    }

    /// A frame verified before, taken apart again without hashing.
    pub(crate) fn trusted(bytes: &'a [u8]) -> Option<Self> {
        Self::slice(bytes).ok().map(|(frame, _)| frame)
    }

    /// The frame's sections, unverified, and the trailer with the padding.
    fn slice(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), FrameFault> {
        let len = declared_bytes(bytes)?;
        let bytes = bytes.get(..len as usize).ok_or(FrameFault::Length)?;
        let header = bytes.get(..HEADER_BYTES).ok_or(FrameFault::Length)?;
        let mut t = Taker(header.get(8..).ok_or(FrameFault::Length)?);
        let short = FrameFault::Length;
        let frame = t.u64().ok_or(short)?;
        let rows = t.u32().ok_or(short)?;
        let lens = (
            t.u32().ok_or(short)?,
            t.u32().ok_or(short)?,
            t.u32().ok_or(short)?,
        );
        let prev = t.array().ok_or(short)?;
        let hash = t.array().ok_or(short)?;
        let mut rest = Taker(bytes.get(HEADER_BYTES..).ok_or(short)?);
        let tenants = rest.take(lens.0 as usize).ok_or(short)?;
        let table = rest.take(rows as usize * ROW_ENTRY_BYTES).ok_or(short)?;
        let bodies = rest.take(lens.1 as usize).ok_or(short)?;
        let subjects = rest.take(lens.2 as usize).ok_or(short)?;
        let head = FrameHead { frame, hash };
        Ok((
            Self {
                head,
                prev,
                rows,
                bytes: len,
                tenants,
                table,
                bodies,
                subjects,
            },
            rest.0,
        ))
    }

    /// The rows in order; stops early only in a frame whose links do not check.
    pub fn rows(&self) -> Rows<'a> {
        Rows {
            table: self.table,
            bodies: Taker(self.bodies),
            subjects: Taker(self.subjects),
        }
    }

    /// Tenants this frame declares.
    pub(crate) fn declared(&self) -> impl Iterator<Item = Result<(TenantNo, &'a str), FrameFault>> {
        declared(self.tenants)
    }

    /// Checks that the frame follows `prev` and every row its tenant's head in `chains`, and
    /// moves `chains` past it. On a fault `chains` is as before.
    ///
    /// # Errors
    /// The first [`FrameFault`].
    pub fn check(&self, prev: FrameHead, chains: &mut Chains) -> Result<(), FrameFault> {
        if self.head.frame != prev.frame + 1 || self.prev != prev.hash {
            return Err(FrameFault::FrameLink);
        }
        let mut undo = Vec::new();
        let checked = self.check_rows(chains, &mut undo);
        if checked.is_err() {
            for (tenant, head) in undo.into_iter().rev() {
                match head {
                    Some(head) => chains.set_head(tenant, head),
                    None => chains.undeclare(tenant),
                }
            }
        }
        checked
    }

    fn check_rows(
        &self,
        chains: &mut Chains,
        undo: &mut Vec<(TenantNo, Option<Head>)>,
    ) -> Result<(), FrameFault> {
        for declared in self.declared() {
            let (tenant, name) = declared?;
            chains
                .declare(tenant, name)
                .map_err(|_known| FrameFault::Declaration)?;
            undo.push((tenant, None));
        }
        undo.reserve(self.rows as usize);
        let mut rows = self.rows();
        let mut entries = self
            .table
            .chunks_exact(ROW_ENTRY_BYTES)
            .filter_map(row_head);
        for (tenant, stored, _) in entries.by_ref() {
            let Head { seq, .. } = stored;
            let before = chains.head(tenant).ok_or(FrameFault::RowSeq(tenant, seq))?;
            if seq != before.seq + 1 {
                return Err(FrameFault::RowSeq(tenant, seq));
            }
            let body = rows.take_body().ok_or(FrameFault::Length)?;
            if link(&before.hash, body.1) != stored.hash {
                return Err(FrameFault::RowHash(tenant, seq));
            }
            rows.take_subjects(body.0, true)
                .ok_or(FrameFault::Subject(tenant, seq))?;
            undo.push((tenant, Some(before)));
            chains.set_head(tenant, stored);
        }
        if rows.bodies.0.is_empty() && rows.subjects.0.is_empty() {
            Ok(())
        } else {
            Err(FrameFault::Length)
        }
    }

    /// Where in the frame a row's subject blocks start, with the row.
    pub(crate) fn subjects_of(&self, tenant: TenantNo, seq: u64) -> Option<(usize, RawRow<'a>)> {
        let base = HEADER_BYTES + self.tenants.len() + self.table.len() + self.bodies.len();
        let mut rows = self.rows();
        loop {
            let at = base + self.subjects.len() - rows.subjects.0.len();
            let row = rows.next()?;
            if row.tenant == tenant && row.head.seq == seq {
                return Some((at, row));
            }
        }
    }
}

/// The rows of a frame; see [`FrameView::rows`].
#[derive(Debug, Clone)]
pub struct Rows<'a> {
    table: &'a [u8],
    bodies: Taker<'a>,
    subjects: Taker<'a>,
}

impl<'a> Rows<'a> {
    /// The next row's subject count and body, from its table entry.
    fn take_body(&mut self) -> Option<(u16, &'a [u8])> {
        let (entry, rest) = self.table.split_at_checked(ROW_ENTRY_BYTES)?;
        self.table = rest;
        let mut t = Taker(entry);
        t.u16()?;
        let count = t.u16()?;
        Some((count, self.bodies.take(t.u32()? as usize)?))
    }

    fn take_subjects(&mut self, count: u16, check: bool) -> Option<Subjects<'a>> {
        let subjects = Subjects {
            left: count,
            rest: self.subjects,
        };
        for _ in 0..count {
            if check {
                take_subject(&mut self.subjects)?;
            } else {
                skip_subject(&mut self.subjects)?;
            }
        }
        Some(subjects)
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = RawRow<'a>;

    fn next(&mut self) -> Option<RawRow<'a>> {
        let (tenant, head, keys) = row_head(self.table.get(..ROW_ENTRY_BYTES)?)?;
        let (count, body) = self.take_body()?;
        let subjects = self.take_subjects(count, false)?;
        Some(RawRow {
            tenant,
            head,
            body,
            keys,
            subjects,
        })
    }
}

pub(super) fn row_head(entry: &[u8]) -> Option<(TenantNo, Head, [u64; 2])> {
    let mut t = Taker(entry);
    let tenant = t.u16()?;
    t.take(6)?;
    let seq = t.u64()?;
    let keys = [t.u64()?, t.u64()?];
    Some((
        tenant,
        Head {
            seq,
            hash: t.array()?,
        },
        keys,
    ))
}

/// Each row's tenant, head, posting keys and body, without its subjects.
pub(super) fn row_bodies<'a>(
    table: &'a [u8],
    bodies: &'a [u8],
) -> impl Iterator<Item = (TenantNo, Head, [u64; 2], &'a [u8])> {
    let mut rows = Rows {
        table,
        bodies: Taker(bodies),
        subjects: Taker(&[]),
    };
    std::iter::from_fn(move || {
        let (tenant, head, keys) = row_head(rows.table.get(..ROW_ENTRY_BYTES)?)?;
        let (_subjects, body) = rows.take_body()?;
        Some((tenant, head, keys, body))
    })
}

pub(super) fn declared(
    section: &[u8],
) -> impl Iterator<Item = Result<(TenantNo, &str), FrameFault>> {
    let mut t = Taker(section);
    std::iter::from_fn(move || {
        if t.0.is_empty() {
            return None;
        }
        let entry = take_declared(&mut t).ok_or(FrameFault::Declaration);
        if entry.is_err() {
            t = Taker(&[]);
        }
        Some(entry)
    })
}

fn take_declared<'a>(t: &mut Taker<'a>) -> Option<(TenantNo, &'a str)> {
    let tenant = t.u16()?;
    let len = t.u16()?;
    Some((tenant, str::from_utf8(t.take(len.into())?).ok()?))
}

fn skip_subject(t: &mut Taker<'_>) -> Option<u16> {
    let header = t.take(SUBJECT_HEADER_BYTES)?;
    let mut h = Taker(header.get(16..)?);
    let len = h.u16()?;
    t.take(len.into()).map(|_| len)
}

/// For a block marked erased, whether it is zeros otherwise; `None` for one that is present.
fn take_erased(t: &mut Taker<'_>) -> Option<bool> {
    let salt = t.take(16)?;
    let len = t.u16()?;
    let [state, _] = t.array::<2>()?;
    let crc = t.u32()?;
    let bytes = t.take(len.into())?;
    (state == ERASED).then(|| all_zero(salt) && crc == 0 && all_zero(bytes))
}

fn take_subject<'a>(t: &mut Taker<'a>) -> Option<SubjectView<'a>> {
    let salt = t.array()?;
    let len = t.u16()?;
    let [state, zero] = t.array()?;
    let crc = t.u32()?;
    let bytes = t.take(len.into())?;
    match (state, zero) {
        (PRESENT, 0) if crc == subject_crc(&salt, bytes) => {
            Some(SubjectView::Present(Subject { salt, bytes }))
        }
        // Whatever lies there: the mark goes down first, so zeroing may have been cut short.
        (ERASED, 0) => Some(SubjectView::Erased),
        _ => None,
    }
}
