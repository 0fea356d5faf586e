//! Handing a chain to an outsider: one JSON object a line, from which it can be recomputed.
//!
//! `{"tenant":"..","seq":1,"prev_hash":"<hex>","hash":"<hex>","bytes":"<body as a string>",
//! "subjects":[{"salt":"<hex>","subject":"<string>"} or {"erased":true}]}`. Recompute
//! `hash = SHA-256(prev_hash as 32 raw bytes || bytes as UTF-8)`, and each digest in the body's
//! `sd` list as `SHA-256(salt || subject)`. `tests/verify_export.py` does.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::data_dir::ledger_disk;
use super::disk::Disk;
use super::frame::RowView;
use super::reader::{ReadEnd, ReadError, read_rows};
use super::row::SubjectView;
use super::seal::Damage;
use crate::domain::hex::hex;

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The ledger is damaged; the rows before are written.
    #[error(transparent)]
    Damage(Damage),
    /// The receiving end failed.
    #[error("export could not be written")]
    Write(#[source] io::Error),
    /// No tenant of that name.
    #[error("no such tenant")]
    TenantUnknown,
    /// A body or a subject is not UTF-8, which no encoder of ours writes.
    #[error("a row is not UTF-8")]
    NotText,
}

/// What was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    /// Rows written.
    pub rows: u64,
    /// An incomplete frame follows the last row.
    pub incomplete_tail: bool,
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    tenant: &'a str,
    seq: u64,
    prev_hash: String,
    hash: String,
    bytes: &'a str,
    subjects: Vec<SubjectLine<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum SubjectLine<'a> {
    Present { salt: String, subject: &'a str },
    Erased { erased: bool },
}

/// Writes the rows of `tenant`, or of all, to `out`; takes no lock.
///
/// # Errors
/// [`ExportError`].
pub fn export(
    dir: &Path,
    tenant: Option<&str>,
    out: &mut dyn Write,
) -> Result<Exported, ExportError> {
    export_disk(&ledger_disk(dir), tenant, out)
}

/// As [`export`], over any disk.
///
/// # Errors
/// [`ExportError`].
pub fn export_disk(
    disk: &Arc<dyn Disk>,
    tenant: Option<&str>,
    out: &mut dyn Write,
) -> Result<Exported, ExportError> {
    let mut rows = 0;
    let read = read_rows(disk, |chains, row| {
        let name = chains.name(row.tenant).unwrap_or_default();
        if tenant.is_some_and(|t| t != name) {
            return Ok(());
        }
        rows += 1;
        write_row(name, &row, out)
    });
    let ReadEnd {
        chains,
        incomplete_tail,
        ..
    } = read.map_err(|e| match e {
        ReadError::Damage(damage) => ExportError::Damage(damage),
        ReadError::Stopped(e) => e,
    })?;
    out.flush().map_err(ExportError::Write)?;
    if tenant.is_some_and(|t| chains.number(t).is_none()) {
        return Err(ExportError::TenantUnknown);
    }
    Ok(Exported {
        rows,
        incomplete_tail,
    })
}

fn write_row(name: &str, row: &RowView<'_>, out: &mut dyn Write) -> Result<(), ExportError> {
    let text = |bytes| str::from_utf8(bytes).map_err(|_utf8| ExportError::NotText);
    let mut subjects = Vec::new();
    for subject in row.subjects.clone() {
        subjects.push(match subject {
            SubjectView::Present(s) => SubjectLine::Present {
                salt: hex(&s.salt),
                subject: text(s.bytes)?,
            },
            SubjectView::Erased => SubjectLine::Erased { erased: true },
        });
    }
    let line = Line {
        tenant: name,
        seq: row.seq,
        prev_hash: hex(&row.prev),
        hash: hex(&row.hash),
        bytes: text(row.body)?,
        subjects,
    };
    serde_json::to_writer(&mut *out, &line).map_err(|e| ExportError::Write(e.into()))?;
    out.write_all(b"\n").map_err(ExportError::Write)
}
