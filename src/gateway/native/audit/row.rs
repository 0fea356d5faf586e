//! `GET /api/audit/{audit_id}`: one row as it was chained, with its proof and its law.

use std::path::Path;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::domain::hex::{hex, unhex};
use crate::domain::rules::RulePack;
use crate::gateway::archive;
use crate::gateway::door::{Caller, Errand, SystemError};
use crate::gateway::laws::Laws;
use crate::gateway::native::{NOT_FOUND, fault};
use crate::gateway::running::Gateway;
use crate::ledger::frame::RawRow;
use crate::ledger::row::{FramePos, ZERO_HASH};
use crate::ledger::{FindError, Reading, SubjectView};
use crate::rulepack;
use crate::wire::audit::{Bodies, Inclusion, RowAnswer, SubjectSaid};
use crate::wire::marks::{Marks, RowKind};
use crate::wire::problem::Problem;
use crate::wire::query::Params;
use crate::wire::reply::Reply;

const NAMES: [&str; 0] = [];

impl Gateway {
    /// A row of the caller's chain. Cancellation safe.
    pub(in crate::gateway::native) async fn audit_row(
        &self,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        Params::read(errand.query, &NAMES).map_err(Problem::of_field)?;
        let plain = errand.segment.bytes().all(|byte| byte.is_ascii_digit());
        let seq = errand.segment.parse::<u64>().ok().filter(|_| plain);
        let (running, trail, newest) = self.trail(caller)?;
        let seq = seq
            .filter(|seq| (1..=newest).contains(seq))
            .ok_or(NOT_FOUND)?;
        let (laws, dir) = (Arc::clone(&self.laws), running.data_dir.clone());
        let tenant = caller.tenant.0;
        let read = trail.read((caller.tenant, newest), move |reading| {
            let prev = match seq {
                1 => ZERO_HASH,
                _ => reading.row(tenant, seq - 1, |row, _| row.head.hash)?,
            };
            let by = reading.link(tenant, seq)?;
            let mut answer = reading.row(tenant, seq, |row, pos| answer(row, pos, &prev))??;
            answer.acknowledged_by = by;
            if answer.kind == RowKind::Decision.as_str() {
                in_words(&mut answer, reading, tenant, (&laws, &dir))?;
            }
            Ok(answer)
        });
        let answer = read.await.map_err(|error| error.problem())?;
        let body = serde_json::to_vec(&answer).map_err(|_cause| fault(SystemError::Internal))?;
        Ok(Reply::json(200, body))
    }
}

/// The row itself. What was chained must read, and must be what the hash is of.
fn answer(row: &RawRow<'_>, pos: FramePos, prev: &[u8; 32]) -> Result<RowAnswer, FindError> {
    let damaged = || FindError::Damaged;
    if crate::ledger::row::link(prev, row.body) != row.head.hash {
        return Err(damaged());
    }
    let marks = Marks::read(row.body).ok_or_else(damaged)?;
    let bytes = std::str::from_utf8(row.body).map_err(|_bytes| damaged())?;
    let fields = RawValue::from_string(bytes.to_owned()).map_err(|_json| damaged())?;
    let subjects = row.subjects.clone().map(|subject| match subject {
        SubjectView::Present(subject) => SubjectSaid::present(&subject.salt, subject.bytes),
        SubjectView::Erased => SubjectSaid::gone(),
    });
    Ok(RowAnswer {
        audit_id: row.head.seq,
        kind: marks.kind.as_str(),
        at: RowAnswer::instant(marks.at),
        bytes: bytes.to_owned(),
        hash: hex(&row.head.hash),
        prev_hash: hex(prev),
        subjects: subjects.collect(),
        fields,
        codes: None,
        flags: Vec::new(),
        pack: None,
        pack_read: None,
        acknowledged_by: None,
        inclusion: Inclusion {
            segment: pos.segment,
            frame: pos.frame,
            offset: pos.offset,
            bytes: pos.bytes,
        },
    })
}

/// A decision's codes in the words of the pack that decided: the one its activation row names, as it
/// lies in the archive.
fn in_words(
    answer: &mut RowAnswer,
    reading: &mut Reading<'_>,
    tenant: u16,
    (laws, dir): (&Laws, &Path),
) -> Result<(), FindError> {
    let body = Bodies::read(answer.bytes.as_bytes()).ok_or(FindError::Damaged)?;
    let mut named = None;
    if let Some(seq) = body
        .decided_under()
        .filter(|seq| *seq < answer.audit_id && *seq > 0)
    {
        let activation = reading.row(tenant, seq, |row, _| Bodies::read(row.body))?;
        named = activation.and_then(|row| row.pack().map(str::to_owned));
    }
    let pack = named.as_deref().and_then(|hash| pack(laws, dir, hash));
    let texts = pack.as_ref().map(|pack| pack.texts());
    answer.codes = Some(body.codes_said(texts));
    answer.flags = body.flags_said(texts);
    answer.pack_read = Some(texts.is_some());
    answer.pack = named;
    Ok(())
}

/// The pack of this hash: one taken up by this process, or read from the archive.
fn pack(laws: &Laws, dir: &Path, hash: &str) -> Option<Arc<RulePack>> {
    let hash = unhex(hash)?;
    let mark = u64::from_be_bytes(*hash.first_chunk()?);
    if let Some(known) = laws.find(mark).filter(|pack| *pack.hash() == hash) {
        return Some(known);
    }
    let bytes = archive::read(dir, "pack", &hash).ok()?;
    rulepack::from_archive(&bytes).ok().map(Arc::new)
}
