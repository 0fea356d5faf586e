//! The columns of a CSV file, and a file's header.
//!
//! A column may speak of accounts (one row, one account), of the other records (`record` says
//! which), or of both. Numbered columns (`phone_1`, `phone_2_type`) are written here with `N`.

use super::draft::{self, Apply};
use super::limits::COLUMNS_MAX;
use super::reject::{Fault, RejectCode as Code};

/// Digits the number of a slot has at most; no name of a column has others.
const SLOT_DIGITS: usize = 2;

/// How a cell of a record row is written as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// A string.
    Text,
    /// `true` or `false`.
    Truth,
    /// A whole number.
    Number,
    /// Strings separated by `|`.
    Texts,
    /// Whole numbers separated by `|`.
    Numbers,
    /// Periods separated by `|`: `1,2,3 09:00-12:00`, weekdays or hours alone.
    Periods,
}

/// Columns of `fact`, `contact`, `attempt` and `kill` rows: the fields of those records.
const FIELDS: &[(&str, Spelling)] = &[
    ("account_id", Spelling::Text),
    ("action", Spelling::Text),
    ("action_type", Spelling::Text),
    ("actor", Spelling::Text),
    ("address", Spelling::Text),
    ("all_debts", Spelling::Truth),
    ("approval", Spelling::Text),
    ("at", Spelling::Text),
    ("call_id", Spelling::Text),
    ("channel", Spelling::Text),
    ("chapter", Spelling::Number),
    ("consent", Spelling::Texts),
    ("contact_known", Spelling::Truth),
    ("conversation_about", Spelling::Texts),
    ("creditor_notice", Spelling::Text),
    ("debts", Spelling::Texts),
    ("document_id", Spelling::Text),
    ("escalation", Spelling::Text),
    ("fact", Spelling::Text),
    ("form", Spelling::Text),
    ("from_date", Spelling::Text),
    ("gates", Spelling::Numbers),
    ("given_to", Spelling::Text),
    ("hold", Spelling::Text),
    ("immediately_prior_used", Spelling::Truth),
    ("in_period", Spelling::Truth),
    ("in_response_to", Spelling::Text),
    ("inbound", Spelling::Text),
    ("lifted", Spelling::Truth),
    ("medium", Spelling::Text),
    ("notice", Spelling::Text),
    ("obtained_properly", Spelling::Truth),
    ("on", Spelling::Truth),
    ("opted_out", Spelling::Truth),
    ("outcome", Spelling::Text),
    ("override", Spelling::Text),
    ("periods", Spelling::Periods),
    ("person_id", Spelling::Text),
    ("phone", Spelling::Text),
    ("place", Spelling::Text),
    ("places", Spelling::Truth),
    ("prerecorded", Spelling::Truth),
    ("purpose", Spelling::Text),
    ("reason", Spelling::Text),
    ("reassigned", Spelling::Truth),
    ("reminder", Spelling::Truth),
    ("scope", Spelling::Text),
    ("source", Spelling::Text),
    ("status", Spelling::Text),
    ("times", Spelling::Truth),
    ("until", Spelling::Text),
    ("until_date", Spelling::Text),
    ("value", Spelling::Text),
    ("vulnerability", Spelling::Text),
    ("written", Spelling::Truth),
    ("zone", Spelling::Text),
];

/// How a field of those records is spelt as text.
pub(super) fn spelling(name: &str) -> Option<Spelling> {
    let found = FIELDS.iter().find(|(field, _)| *field == name);
    found.map(|(_, spelling)| *spelling)
}

/// One column of a file.
#[derive(Debug)]
pub(super) struct Column {
    /// As the header spells it.
    pub(super) name: Box<str>,
    /// The number in a numbered name; 0 without one.
    pub(super) slot: usize,
    /// What it says of an account.
    pub(super) account: Option<Apply>,
    /// The field it is of other records.
    pub(super) field: Option<Spelling>,
}

/// A file's header.
#[derive(Debug)]
pub(super) struct Header {
    columns: Vec<Column>,
    record: Option<usize>,
}

impl Header {
    /// Reads a header's cells.
    pub(super) fn read(cells: Vec<&str>) -> Result<Self, Fault> {
        if cells.len() > COLUMNS_MAX {
            return Err(Fault::row(Code::TooMany));
        }
        let mut columns: Vec<Column> = Vec::with_capacity(cells.len());
        let mut record = None;
        for name in cells {
            let fault = |code| Fault {
                field: shown(name).into(),
                code,
            };
            if columns.iter().any(|column| *column.name == *name) {
                return Err(fault(Code::DuplicateColumn));
            }
            if name == "record" {
                record = Some(columns.len());
            }
            columns.push(Column::named(name).ok_or_else(|| fault(Code::UnknownColumn))?);
        }
        let has = |wanted: &str| columns.iter().any(|column| &*column.name == wanted);
        if record.is_none() && !has("account_id") {
            return Err(Fault::at("account_id", Code::Missing));
        }
        Ok(Self { columns, record })
    }

    /// Cells a row must have.
    pub(super) fn len(&self) -> usize {
        self.columns.len()
    }

    /// The columns, in the file's order.
    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// What a row says it is, unless it is an account.
    pub(super) fn record_kind<'c>(&self, cells: &[&'c str]) -> Option<&'c str> {
        let kind = cells.get(self.record?)?;
        (!kind.is_empty() && *kind != "account").then_some(*kind)
    }
}

impl Column {
    fn named(name: &str) -> Option<Self> {
        let (template, slot) = template(name);
        let account = draft::COLUMNS
            .iter()
            .find(|(column, slots, _)| {
                let numbered = column.split('_').any(|part| part == "N");
                *column == template && slot <= *slots && numbered == (slot > 0)
            })
            .map(|(_, _, apply)| *apply);
        let field = spelling(name);
        (account.is_some() || field.is_some() || name == "record").then(|| Self {
            name: name.into(),
            slot,
            account,
            field,
        })
    }
}

/// `phone_12_type` is `phone_N_type` of slot 12; a name without a number has slot 0.
fn template(name: &str) -> (String, usize) {
    let mut slot = 0;
    let parts: Vec<&str> = name
        .split('_')
        .map(|part| match part.parse::<usize>() {
            Ok(number) if number > 0 && slot == 0 && !part.starts_with(['0', '+']) => {
                slot = number;
                "N"
            }
            _ => part,
        })
        .collect();
    (parts.join("_"), slot)
}

/// An unknown column's name as an answer may show it (WIRE-2). In a file without a header the first
/// row stands in its place: what could be a number, a person or an account is shown as `?`.
pub(super) fn shown(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let begins = name.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
    if begins && digits <= SLOT_DIGITS && name.len() <= 64 && name.bytes().all(plain) {
        name.to_owned()
    } else {
        "?".to_owned()
    }
}
