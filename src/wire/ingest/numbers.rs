//! Numbers that go on the tenant's do-not-call list or come off it: a JSON request, or the rows of a
//! CSV file. Each becomes the same fact that a portfolio states with `record: contact`, so there is
//! one way onto the list, one set of checks and one kind of row.

use serde::Deserialize;

use super::fault;
use super::origin::is_the_callers;
use super::reject::{Fault, RejectCode as Code, Rejected};
use super::validate;
use super::{Numbered, columns};
use crate::domain::record::{FactKind, FactRecord, Line, Personal};
use crate::domain::time::UnixSeconds;
use crate::wire::limits::DNC_NUMBERS_MAX;

/// What becomes of the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListEdit {
    /// They go on the list.
    Add,
    /// They come off it; each needs a reason.
    Remove,
}

/// A JSON request.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Request {
    phone: Option<Personal>,
    phones: Vec<Personal>,
    reason: Option<Personal>,
    source: Option<Personal>,
    actor: Option<Personal>,
    document_id: Option<Personal>,
    expires_at: Option<UnixSeconds>,
}

/// What a JSON request names.
#[derive(Debug, PartialEq)]
pub enum Named {
    /// One number, by `phone`.
    One(Line),
    /// A list, by `phones`: each with its place in it, counted from 1.
    List(Vec<Result<Numbered, Rejected>>),
}

/// Reads a JSON request.
///
/// # Errors
/// The first [`Fault`] of the request or of its one number. A bad number in a list spoils itself alone.
pub fn request(body: &[u8], edit: ListEdit, now: UnixSeconds) -> Result<Named, Fault> {
    let text = std::str::from_utf8(body).map_err(|_position| Fault::row(Code::InvalidUtf8))?;
    let text = text.trim_ascii();
    let unreadable = || fault::find::<Request>(text, &[]);
    if !text.starts_with('{') {
        // A list would be read as a request without field names.
        return Err(unreadable());
    }
    let said: Request = serde_json::from_str(text).map_err(|_carries_text| unreadable())?;
    match (&said.phone, said.phones.len()) {
        (None, 0) => Err(Fault::at("phone", Code::Missing)),
        (Some(phone), 0) => said.line(phone, (edit, now)).map(Named::One),
        (Some(_), _) => Err(Fault::at("phones", Code::Unexpected)),
        (None, 1..=DNC_NUMBERS_MAX) => said.list((edit, now)).map(Named::List),
        (None, _) => Err(Fault::at("phones", Code::TooMany)),
    }
}

impl Request {
    fn line(&self, phone: &Personal, edit: (ListEdit, UnixSeconds)) -> Result<Line, Fault> {
        let fact = FactRecord {
            actor: self.actor.clone(),
            document_id: self.document_id.clone(),
            phone: Some(phone.clone()),
            reason: self.reason.clone(),
            source: self.source.clone(),
            until: self.expires_at,
            ..FactRecord::default()
        };
        checked(fact, edit)
    }

    fn list(
        &self,
        edit: (ListEdit, UnixSeconds),
    ) -> Result<Vec<Result<Numbered, Rejected>>, Fault> {
        let mut lines = Vec::with_capacity(self.phones.len());
        for (line, phone) in (1..).zip(&self.phones) {
            lines.push(match self.line(phone, edit) {
                Ok(record) => Ok(Numbered { line, record }),
                // What is not the number's own fault is the whole request's.
                Err(fault) if fault.field != "phone" => return Err(fault),
                Err(fault) => Err(Rejected { line, fault }),
            });
        }
        Ok(lines)
    }
}

/// The fact, checked as one of a portfolio is. A listing that is over already would be acknowledged
/// and bind nobody.
fn checked(mut fact: FactRecord, (edit, now): (ListEdit, UnixSeconds)) -> Result<Line, Fault> {
    fact.fact = Some(FactKind::DoNotCall);
    if edit == ListEdit::Remove {
        fact.lifted = Some(true);
        if fact.until.is_some() {
            return Err(Fault::at("expires_at", Code::Unexpected));
        }
    }
    if fact.until.is_some_and(|until| until <= now) {
        return Err(Fault::at("expires_at", Code::OutOfRange));
    }
    let mut line = Line::Contact(Box::new(fact));
    validate::line(&mut line)?;
    is_the_callers(&line)?;
    Ok(line)
}

/// Columns of a file of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Phone,
    Reason,
    Source,
    Actor,
    Document,
    ExpiresAt,
}

impl Column {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "phone" => Self::Phone,
            "reason" => Self::Reason,
            "source" => Self::Source,
            "actor" => Self::Actor,
            "document_id" => Self::Document,
            "expires_at" => Self::ExpiresAt,
            _ => return None,
        })
    }
}

/// The header of a file of numbers.
#[derive(Debug)]
pub(super) struct Header {
    columns: Vec<Column>,
    edit: (ListEdit, UnixSeconds),
}

impl Header {
    /// Reads a header's cells.
    pub(super) fn read(cells: &[&str], edit: (ListEdit, UnixSeconds)) -> Result<Self, Fault> {
        let mut columns = Vec::with_capacity(cells.len());
        for name in cells {
            let fault = |code| Fault {
                field: columns::shown(name).into(),
                code,
            };
            let column = Column::named(name).ok_or_else(|| fault(Code::UnknownColumn))?;
            if columns.contains(&column) {
                return Err(fault(Code::DuplicateColumn));
            }
            columns.push(column);
        }
        if columns.contains(&Column::Phone) {
            Ok(Self { columns, edit })
        } else {
            Err(Fault::at("phone", Code::Missing))
        }
    }

    /// Cells a row must have.
    pub(super) fn len(&self) -> usize {
        self.columns.len()
    }

    /// Reads a row; an empty cell says nothing.
    pub(super) fn line(&self, cells: &[&str]) -> Result<Line, Fault> {
        let mut fact = FactRecord::default();
        for (column, cell) in self.columns.iter().zip(cells) {
            if cell.is_empty() {
                continue;
            }
            let text = match column {
                Column::Phone => &mut fact.phone,
                Column::Reason => &mut fact.reason,
                Column::Source => &mut fact.source,
                Column::Actor => &mut fact.actor,
                Column::Document => &mut fact.document_id,
                Column::ExpiresAt => {
                    let until = UnixSeconds::parse(cell);
                    fact.until =
                        Some(until.map_err(|_why| Fault::at("expires_at", Code::InvalidDate))?);
                    continue;
                }
            };
            *text = Some(Personal::from(*cell));
        }
        checked(fact, self.edit)
    }
}
