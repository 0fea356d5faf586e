//! Checking a whole ledger: every row link, every frame link, every segment header, every subject
//! against the digest in its row.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::chain::Chains;
use super::data_dir::ledger_disk;
use super::disk::Disk;
use super::frame::RowView;
use super::reader::{ReadError, read_rows};
use super::row::{SubjectView, TenantNo};
use super::seal::Damage;
use crate::domain::hex::hex;

/// One tenant of a sound ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantReport {
    /// Its name.
    pub name: String,
    /// Rows in its chain.
    pub rows: u64,
    /// Seq of the last row, 0 without rows.
    pub head_seq: u64,
    /// Hash of the last row, 64 hex digits; zeros without rows.
    pub head_hash: String,
    /// Subject blocks that have been destroyed.
    pub erased: u64,
}

/// A sound ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyReport {
    /// The tenants asked for, by number.
    pub tenants: Vec<TenantReport>,
    /// Whole frames.
    pub frames: u64,
    /// An incomplete frame follows them; no fault.
    pub incomplete_tail: bool,
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("tenant {} seq {}: {what}", tenant.as_deref().unwrap_or("?"), seq.unwrap_or(0))]
pub struct Finding {
    /// The tenant's name, when the finding concerns a row.
    pub tenant: Option<String>,
    /// Its seq.
    pub seq: Option<u64>,
    /// What was found.
    pub what: FindingKind,
}

/// The kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FindingKind {
    /// Chain, frame or segment.
    #[error("{0}")]
    Damage(Damage),
    /// The `sd` list of the row is malformed or has another length than its subjects.
    #[error("subject digests do not match the subject blocks in number")]
    SubjectCount,
    /// A subject is not what its digest says.
    #[error("subject block does not match its digest")]
    SubjectDigest,
    /// A subject block is marked erased but not zeroed: erase it again.
    #[error("subject block marked erased but not zeroed")]
    ErasureUnfinished,
    /// No tenant of that name.
    #[error("no such tenant")]
    TenantUnknown,
}

/// The part of a row's body that speaks of subjects.
#[derive(Debug, Deserialize)]
struct SubjectDigests<'a> {
    #[serde(borrow, default)]
    sd: Vec<&'a str>,
}

/// Verifies the ledger in data directory `dir`; takes no lock. All tenants' links are checked
/// whatever the filter, since frames hold rows of many; the report is of the tenants asked for.
///
/// # Errors
/// The first [`Finding`].
pub fn verify(dir: &Path, tenant: Option<&str>) -> Result<VerifyReport, Finding> {
    verify_disk(&ledger_disk(dir), tenant)
}

/// As [`verify`], over any disk.
///
/// # Errors
/// The first [`Finding`].
pub fn verify_disk(disk: &Arc<dyn Disk>, tenant: Option<&str>) -> Result<VerifyReport, Finding> {
    let mut counts: Vec<(u64, u64)> = Vec::new();
    let end = read_rows(disk, |chains, row| {
        let erased = check_subjects(&row).map_err(|what| Finding {
            tenant: chains.name(row.tenant).map(str::to_owned),
            seq: Some(row.seq),
            what,
        })?;
        let at = usize::from(row.tenant);
        if counts.len() <= at {
            counts.resize(at + 1, (0, 0));
        }
        counts[at].0 += 1;
        counts[at].1 += erased;
        Ok(())
    })
    .map_err(|e| match e {
        ReadError::Stopped(finding) => finding,
        ReadError::Damage(damage) => finding_of(disk, damage),
    })?;
    let tenants: Vec<_> = end
        .chains
        .iter()
        .filter(|(_, name, _)| tenant.is_none_or(|t| t == *name))
        .map(|(no, name, head)| {
            let (rows, erased) = counts.get(usize::from(no)).copied().unwrap_or_default();
            let (name, head_hash) = (name.to_owned(), hex(&head.hash));
            TenantReport {
                name,
                rows,
                head_seq: head.seq,
                head_hash,
                erased,
            }
        })
        .collect();
    if let Some(name) = tenant
        && tenants.is_empty()
    {
        let what = FindingKind::TenantUnknown;
        return Err(Finding {
            tenant: Some(name.to_owned()),
            seq: None,
            what,
        });
    }
    Ok(VerifyReport {
        tenants,
        frames: end.last.frame,
        incomplete_tail: end.incomplete_tail,
    })
}

/// The head of every tenant, as [`verify`] finds them. Reading the segment in use is enough: its
/// header holds the heads before it.
///
/// # Errors
/// The first [`Finding`] in that segment.
pub fn heads(dir: &Path) -> Result<VerifyReport, Finding> {
    use super::scan::{Chunk, Scanner, Tail};
    let disk = ledger_disk(dir);
    let damaged = |damage| finding_of(&disk, damage);
    let mut scanner = Scanner::from_frame(&disk, u64::MAX).map_err(damaged)?;
    let mut chunk = Chunk::default();
    let tail = loop {
        if let Some(tail) = scanner.next_chunk(&mut chunk).map_err(damaged)? {
            break tail;
        }
    };
    let tenants = scanner.chains().iter().map(|(_, name, head)| TenantReport {
        name: name.to_owned(),
        rows: head.seq,
        head_seq: head.seq,
        head_hash: hex(&head.hash),
        erased: 0,
    });
    Ok(VerifyReport {
        tenants: tenants.collect(),
        frames: scanner.last().frame,
        incomplete_tail: tail != Tail::Clean,
    })
}

/// Erased blocks of the row, or what is wrong with its subjects.
fn check_subjects(row: &RowView<'_>) -> Result<u64, FindingKind> {
    let mut subjects = row.subjects.clone();
    let Some(first) = subjects.next() else {
        return Ok(0);
    };
    if !row.subjects.erasures_complete() {
        return Err(FindingKind::ErasureUnfinished);
    }
    let listed: SubjectDigests<'_> =
        serde_json::from_slice(row.body).map_err(|_json| FindingKind::SubjectCount)?;
    let mut digests = listed.sd.iter();
    let mut erased = 0;
    for subject in std::iter::once(first).chain(subjects) {
        let digest = digests.next().ok_or(FindingKind::SubjectCount)?;
        match subject {
            SubjectView::Erased => erased += 1,
            SubjectView::Present(subject) if hex(&subject.digest()) == *digest => {}
            SubjectView::Present(_) => return Err(FindingKind::SubjectDigest),
        }
    }
    if digests.next().is_some() {
        Err(FindingKind::SubjectCount)
    } else {
        Ok(erased)
    }
}

/// A finding from damage: the tenant's name is looked up in the last header that knows it.
fn finding_of(disk: &Arc<dyn Disk>, damage: Damage) -> Finding {
    let name = damage.row.and_then(|(no, _)| tenant_name(disk, no));
    Finding {
        tenant: name,
        seq: damage.row.map(|r| r.1),
        what: FindingKind::Damage(damage),
    }
}

fn tenant_name(disk: &Arc<dyn Disk>, tenant: TenantNo) -> Option<String> {
    let mut known: Option<Chains> = None;
    // Best effort: the same damage ends this read too, after the tenant was declared.
    let read = read_rows(disk, |chains, _| {
        if known.is_none() && chains.name(tenant).is_some() {
            known = Some(chains.clone());
        }
        Ok::<(), std::convert::Infallible>(())
    });
    let chains = read.ok().map(|end| end.chains).or(known)?;
    chains.name(tenant).map(str::to_owned)
}
