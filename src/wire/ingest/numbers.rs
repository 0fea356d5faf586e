//! Numbers that go on the tenant's do-not-call list or come off it: a JSON request, or the rows of a
//! CSV file. Each becomes the same fact that a portfolio states with `record: contact`, so there is
//! one way onto the list, one set of checks and one kind of row.

use serde::Deserialize;

use super::fault;
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
    let said: Request = serde_json::from_str(text.trim_ascii())
        .map_err(|_carries_text| fault::find::<Request>(text, &[]))?;
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

    fn list(&self, edit: (ListEdit, UnixSeconds)) -> Result<Vec<Result<Numbered, Rejected>>, Fault> {
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
fn checked(
    mut fact: FactRecord,
    (edit, now): (ListEdit, UnixSeconds),
) -> Result<Line, Fault> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ingest::CsvReader;

    const NOW: UnixSeconds = UnixSeconds(1_778_004_000);

    fn refused(body: &str, edit: ListEdit) -> (String, Code) {
        let fault = request(body.as_bytes(), edit, NOW).unwrap_err();
        (fault.field.into_owned(), fault.code)
    }

    #[test]
    fn a_request_is_the_fact_that_a_portfolio_states() {
        let body = r#"{"phone":"(818) 555-0100","reason":"asked","source":"letter","actor":"r",
            "expires_at":"2026-06-01T00:00:00Z"}"#;
        let Named::One(Line::Contact(fact)) = request(body.as_bytes(), ListEdit::Add, NOW).unwrap()
        else {
            panic!("one number");
        };
        assert_eq!(fact.fact, Some(FactKind::DoNotCall));
        assert_eq!(fact.phone, Some(Personal::from("+18185550100")));
        assert_eq!(fact.until, UnixSeconds::parse("2026-06-01T00:00:00Z").ok());
        assert_eq!(fact.lifted, None);
        let body = br#"{"phone":"8185550100","reason":"asked back"}"#;
        let Named::One(Line::Contact(fact)) = request(body, ListEdit::Remove, NOW).unwrap() else {
            panic!("one number");
        };
        assert_eq!(fact.lifted, Some(true));
    }

    #[test]
    fn a_request_is_refused_by_field_and_code() {
        use ListEdit::{Add, Remove};
        let long = format!(r#"{{"phone":"8185550100","source":"{}"}}"#, "s".repeat(65));
        let many = format!(r#"{{"phones":[{}"1"]}}"#, "\"1\",".repeat(DNC_NUMBERS_MAX));
        for (body, edit, field, code) in [
            ("{}", Add, "phone", Code::Missing),
            ("[]", Add, "", Code::WrongType),
            ("{", Add, "", Code::InvalidJson),
            (r#"{"phone":"1"}"#, Add, "phone", Code::InvalidPhone),
            (r#"{"phone":8185550100}"#, Add, "phone", Code::WrongType),
            (r#"{"number":"1"}"#, Add, "number", Code::UnknownField),
            (r#"{"phone":"1","phones":["1"]}"#, Add, "phones", Code::Unexpected),
            (r#"{"phone":"8185550100","expires_at":"soon"}"#, Add, "expires_at", Code::InvalidDate),
            (
                r#"{"phone":"8185550100","expires_at":"2026-05-05T18:00:00Z"}"#,
                Add,
                "expires_at",
                Code::OutOfRange,
            ),
            (r#"{"phone":"8185550100"}"#, Remove, "reason", Code::LiftNeedsReason),
            (r#"{"phones":["8185550100"]}"#, Remove, "reason", Code::LiftNeedsReason),
            (
                r#"{"phone":"8185550100","reason":"r","expires_at":"2026-06-01T00:00:00Z"}"#,
                Remove,
                "expires_at",
                Code::Unexpected,
            ),
            (&long, Add, "source", Code::TooLong),
            (&many, Add, "phones", Code::TooMany),
        ] {
            assert_eq!(refused(body, edit), (field.to_owned(), code), "{body}");
        }
    }

    #[test]
    fn a_bad_number_in_a_list_spoils_itself_alone() {
        let body = br#"{"phones":["8185550100","911","8185550101"]}"#;
        let Named::List(lines) = request(body, ListEdit::Add, NOW).unwrap() else {
            panic!("a list");
        };
        let good: Vec<bool> = lines.iter().map(Result::is_ok).collect();
        assert_eq!(good, [true, false, true]);
        assert_eq!(lines[1].as_ref().unwrap_err().line, 2);
    }

    fn read(file: &str, edit: ListEdit) -> Vec<Result<u32, (u32, String, Code)>> {
        let mut lines = Vec::new();
        let mut sink = |line: Result<Numbered, Rejected>| {
            lines.push(match line {
                Ok(good) => Ok(good.line),
                Err(bad) => Err((bad.line, bad.fault.field.into_owned(), bad.fault.code)),
            });
        };
        let mut reader = CsvReader::of_numbers(edit, NOW);
        reader.push(file.as_bytes(), &mut sink).unwrap();
        reader.finish(&mut sink).unwrap();
        lines
    }

    #[test]
    fn a_file_names_its_bad_rows_and_keeps_the_rest() {
        let file = "phone,reason,source,expires_at\n8185550100,asked,letter,\n1,,,\n\
            8185550101,,,soon\n\n,r,,\n8185550102,\n+1 (818) 555-0103,,,2026-06-01T00:00:00Z\n";
        let bad = |line, field: &str, code| Err((line, field.to_owned(), code));
        assert_eq!(
            read(file, ListEdit::Add),
            [
                Ok(2),
                bad(3, "phone", Code::InvalidPhone),
                bad(4, "expires_at", Code::InvalidDate),
                bad(6, "phone", Code::Missing),
                bad(7, "", Code::InvalidCsv),
                Ok(8),
            ]
        );
        assert_eq!(
            read("phone\n8185550100\n", ListEdit::Remove),
            [bad(2, "reason", Code::LiftNeedsReason)]
        );
    }

    #[test]
    fn a_header_without_numbers_is_none() {
        for (header, field, code) in [
            ("reason\n", "phone", Code::Missing),
            ("phone,phone\n", "phone", Code::DuplicateColumn),
            ("phone,note\n", "note", Code::UnknownColumn),
            ("8185550100\n", "8185550100", Code::UnknownColumn),
        ] {
            let mut reader = CsvReader::of_numbers(ListEdit::Add, NOW);
            let refused = reader.push(header.as_bytes(), &mut |_line| {}).unwrap_err();
            assert_eq!((&*refused.0.field, refused.0.code), (field, code));
        }
    }
}
