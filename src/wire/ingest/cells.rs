//! A CSV row that is a `fact`, `contact`, `attempt`, `kill` or `clock_accept`.
//!
//! Its columns are the fields of that record, so the row is written as the JSON object it stands
//! for and read like any other: one set of rules, one set of codes.

use super::columns::{Header, Spelling};
use super::reject::{Fault, RejectCode as Code};
use super::row;
use crate::domain::record::Line;
use crate::wire::json_text::push_string;

/// Reads a row of the kind its `record` cell says.
pub(super) fn read(header: &Header, cells: &[&str], kind: &str) -> Result<Line, Fault> {
    let mut object = Vec::with_capacity(512);
    object.extend_from_slice(b"{\"record\":");
    push_string(&mut object, kind);
    for (column, cell) in header.columns().iter().zip(cells) {
        if cell.is_empty() || &*column.name == "record" {
            continue;
        }
        let fault = |code| Fault {
            field: column.name.to_string().into(),
            code,
        };
        let spelling = column.field.ok_or_else(|| fault(Code::Unexpected))?;
        // The one field that is a word in a fact and a truth in an attempt.
        let spelling = if kind == "attempt" && &*column.name == "inbound" {
            Spelling::Truth
        } else {
            spelling
        };
        object.push(b',');
        push_string(&mut object, &column.name);
        object.push(b':');
        push(&mut object, spelling, cell).map_err(fault)?;
    }
    object.push(b'}');
    row::read(&object)
}

/// Writes a cell as the JSON value it stands for.
pub(super) fn push(object: &mut Vec<u8>, spelling: Spelling, cell: &str) -> Result<(), Code> {
    match spelling {
        Spelling::Text => push_string(object, cell),
        Spelling::Truth => {
            let value = truth(cell)?;
            object.extend_from_slice(if value { b"true" } else { b"false" });
        }
        Spelling::Number => push_number(object, cell)?,
        Spelling::Texts => list(object, cell, |object, item| {
            push_string(object, item);
            Ok(())
        })?,
        Spelling::Numbers => list(object, cell, push_number)?,
        Spelling::Periods => list(object, cell, push_period)?,
    }
    Ok(())
}

fn list(
    object: &mut Vec<u8>,
    cell: &str,
    item: fn(&mut Vec<u8>, &str) -> Result<(), Code>,
) -> Result<(), Code> {
    object.push(b'[');
    for (at, part) in cell.split('|').enumerate() {
        if at > 0 {
            object.push(b',');
        }
        item(object, part.trim_ascii())?;
    }
    object.push(b']');
    Ok(())
}

fn push_number(object: &mut Vec<u8>, text: &str) -> Result<(), Code> {
    let number: u32 = text.parse().map_err(|_kind| Code::WrongType)?;
    object.extend_from_slice(number.to_string().as_bytes());
    Ok(())
}

/// `1,2,3 09:00-12:00`, `6,7` or `09:00-12:00`.
fn push_period(object: &mut Vec<u8>, text: &str) -> Result<(), Code> {
    let mut days = "";
    let mut hours = "";
    for part in text.split_ascii_whitespace() {
        let slot = if part.contains(':') {
            &mut hours
        } else {
            &mut days
        };
        if !slot.is_empty() {
            return Err(Code::InvalidTime);
        }
        *slot = part;
    }
    object.extend_from_slice(b"{\"days\":");
    if days.is_empty() {
        object.extend_from_slice(b"[]");
    } else {
        list(object, &days.replace(',', "|"), push_number)?;
    }
    if !hours.is_empty() {
        let (from, to) = hours.split_once('-').ok_or(Code::InvalidTime)?;
        object.extend_from_slice(b",\"from\":");
        push_string(object, from);
        object.extend_from_slice(b",\"to\":");
        push_string(object, to);
    }
    object.push(b'}');
    Ok(())
}

/// `true` or `false`, in any case.
pub(super) fn truth(cell: &str) -> Result<bool, Code> {
    if cell.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if cell.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err(Code::WrongType)
    }
}
