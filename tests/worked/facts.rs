//! Facts of a vector as records, one by one, in the order of time.

use dialgate::domain::record::{AccountRecord, AttemptRecord, DebtRecord, FactRecord};
use dialgate::domain::time::{CivilDate, UnixSeconds};
use dialgate::domain::words::AccountStatus;
use serde_json::Value;

use crate::fields::{Fields, Said};
use crate::file::File;
use crate::{about_account, about_contacts, about_person, contacts, moments};

/// One thing to tell the engine.
#[derive(Debug, Clone)]
pub(crate) enum Stated {
    /// A fact.
    Fact(Box<FactRecord>),
    /// A contact that was made.
    Attempt(Box<AttemptRecord>),
    /// A debt's state.
    Debt(DebtRecord),
    /// The account's state.
    Status(AccountStatus),
}

impl Stated {
    /// Adds it to a record.
    pub(crate) fn add_to(self, record: &mut AccountRecord) {
        match self {
            Self::Fact(fact) => record.facts.push(*fact),
            Self::Attempt(attempt) => record.attempts.push(*attempt),
            Self::Debt(debt) => record.debts.push(debt),
            Self::Status(status) => record.status = Some(status),
        }
    }
}

impl From<FactRecord> for Stated {
    fn from(fact: FactRecord) -> Self {
        Self::Fact(Box::new(fact))
    }
}

/// A fact of the vector under translation.
pub(crate) struct Fact<'v> {
    /// Its type.
    pub(crate) kind: &'v str,
    /// When; nothing: from the start.
    pub(crate) at: Option<UnixSeconds>,
    /// Everything else.
    pub(crate) fields: Fields<'v>,
}

impl<'v> Fact<'v> {
    /// Reads type and time.
    pub(crate) fn of(value: &'v Value, file: &File) -> Said<Self> {
        let kind = value.get("type").and_then(Value::as_str).unwrap_or("?");
        let fields = Fields::of(value, kind)?;
        fields.needed(&["type"])?;
        let at = fields.text(&["at", "received_at", "sent_at"])?;
        let at = at
            .map(|text| moments::moment(text, file.local).map(|at| at.instant(file.local)))
            .transpose()?;
        Ok(Self { kind, at, fields })
    }

    /// A date of the fact.
    pub(crate) fn date(&self, names: &[&str], file: &File) -> Said<Option<CivilDate>> {
        let text = self.fields.text(names)?;
        text.map(|text| Ok(moments::moment(text, file.local)?.date(file.local)))
            .transpose()
    }

    /// An instant of the fact; a day that ends something ends with it.
    pub(crate) fn end(&self, names: &[&str], file: &File) -> Said<Option<UnixSeconds>> {
        let text = self.fields.text(names)?;
        text.map(|text| {
            Ok(match moments::moment(text, file.local)? {
                moments::Moment::Day(day) => {
                    moments::Moment::Day(day.plus_days(1)).instant(file.local)
                }
                moments::Moment::Instant(at) => at,
            })
        })
        .transpose()
    }

    /// A record of this fact's time, about the debts and the person it names.
    pub(crate) fn record(&self, file: &mut File) -> Said<FactRecord> {
        let debts = self.fields.texts(&["debt", "debts"])?;
        let person = self.fields.text(&["person", "who", "party"])?;
        let person = person.map(crate::words::party).transpose()?.flatten();
        Ok(FactRecord {
            at: self.at,
            debts: file.debts(&debts),
            person_id: file.person(person.as_ref()),
            ..FactRecord::default()
        })
    }
}

/// Translates one fact.
pub(crate) fn translate(fact: Fact<'_>, file: &mut File) -> Said<Vec<Stated>> {
    let rooms = [
        contacts::translate,
        about_contacts::translate,
        about_person::translate,
        about_account::translate,
    ];
    for room in rooms {
        if let Some(stated) = room(&fact, file)? {
            fact.fields.finish()?;
            return Ok(stated);
        }
    }
    Err(format!("no such type of fact: {}", fact.kind))
}
