//! A CSV account row on its way to a record.
//!
//! Each column adds what it says; facts that speak of `phone_N` or `email_N` get the number or
//! address at the end, when the whole row has been read. A column of truth value states a
//! restriction by `true` and lifts it by `false`, which needs the row's `reason`; an empty cell
//! says nothing.

mod columns;

pub(super) use columns::COLUMNS;

use super::cells::truth;
use super::columns::Column;
use super::reject::{Fault, RejectCode as Code};
use crate::domain::record::{
    AccountRecord, DebtRecord, EmailRecord, FactKind, FactRecord, Line, PartyRecord, Personal,
    PhoneRecord,
};
use crate::domain::time::UnixSeconds;
use crate::domain::words::{ConsentKind, GivenTo, NoticeKind};

/// What a column does with its cell: the draft, the number in the column's name, the cell.
pub(super) type Apply = fn(&mut Draft, usize, &str) -> Result<(), Code>;

/// The contact point a fact waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Point {
    None,
    Phone(usize),
    Email(usize),
}

#[derive(Debug)]
struct Stated {
    fact: FactRecord,
    point: Point,
    column: Box<str>,
}

/// The row so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    record: AccountRecord,
    phones: Vec<usize>,
    emails: Vec<usize>,
    debts: Vec<usize>,
    parties: Vec<usize>,
    facts: Vec<Stated>,
    /// The column in hand, for naming what it adds.
    column: String,
}

impl Draft {
    /// Adds what a cell says; the cell is not empty.
    pub(super) fn apply(&mut self, column: &Column, cell: &str) -> Result<(), Fault> {
        let fault = |code| Fault {
            field: column.name.to_string().into(),
            code,
        };
        let apply = match column.account {
            Some(apply) => apply,
            None if &*column.name == "record" => return Ok(()),
            None => return Err(fault(Code::Unexpected)),
        };
        self.column.clear();
        self.column.push_str(&column.name);
        apply(self, column.slot, cell).map_err(fault)
    }

    /// The record, and which columns its parts came from.
    pub(super) fn finish(mut self) -> Result<(Line, Names), Fault> {
        let mut columns = Vec::with_capacity(self.facts.len());
        for mut stated in std::mem::take(&mut self.facts) {
            if !self.resolve(&mut stated) {
                return Err(Fault {
                    field: stated.column.into_string().into(),
                    code: Code::Missing,
                });
            }
            if stated.fact.lifted == Some(true) {
                stated.fact.reason.clone_from(&self.record.reason);
            }
            self.record.facts.push(stated.fact);
            columns.push(stated.column);
        }
        let names = Names {
            phones: self.phones,
            emails: self.emails,
            debts: self.debts,
            parties: self.parties,
            facts: columns,
        };
        Ok((Line::Account(Box::new(self.record)), names))
    }

    /// Gives a fact its number or address; `false` when the row has none in that place.
    fn resolve(&self, stated: &mut Stated) -> bool {
        let at = |slots: &[usize], slot| slots.iter().position(|held| *held == slot);
        match stated.point {
            Point::None => true,
            Point::Phone(slot) => {
                let phone = at(&self.phones, slot).and_then(|at| self.record.phones.get(at));
                stated.fact.phone = phone.and_then(|phone| phone.number.clone());
                stated.fact.phone.is_some()
            }
            Point::Email(slot) => {
                let email = at(&self.emails, slot).and_then(|at| self.record.emails.get(at));
                stated.fact.address = email.and_then(|email| email.address.clone());
                stated.fact.address.is_some()
            }
        }
    }

    fn phone(&mut self, slot: usize) -> &mut PhoneRecord {
        slotted(&mut self.phones, &mut self.record.phones, slot)
    }

    fn email(&mut self, slot: usize) -> &mut EmailRecord {
        slotted(&mut self.emails, &mut self.record.emails, slot)
    }

    fn debt(&mut self, slot: usize) -> &mut DebtRecord {
        slotted(&mut self.debts, &mut self.record.debts, slot)
    }

    fn party(&mut self, slot: usize) -> &mut PartyRecord {
        slotted(&mut self.parties, &mut self.record.parties, slot)
    }

    /// A new fact.
    fn fact(&mut self, kind: FactKind, point: Point) -> &mut FactRecord {
        let at = self.facts.len();
        self.facts.push(Stated {
            fact: FactRecord {
                fact: Some(kind),
                ..FactRecord::default()
            },
            point,
            column: self.column.as_str().into(),
        });
        &mut self.facts[at].fact
    }

    /// The fact that several columns make together.
    fn same_fact(&mut self, kind: FactKind) -> &mut FactRecord {
        let known = |stated: &Stated| stated.fact.fact == Some(kind);
        match self.facts.iter().position(known) {
            Some(at) => &mut self.facts[at].fact,
            None => self.fact(kind, Point::None),
        }
    }

    fn flag(&mut self, kind: FactKind, cell: &str) -> Result<(), Code> {
        self.flag_of(kind, Point::None, cell)
    }

    fn flag_of(&mut self, kind: FactKind, point: Point, cell: &str) -> Result<(), Code> {
        let stated = truth(cell)?;
        self.fact(kind, point).lifted = (!stated).then_some(true);
        Ok(())
    }

    /// The fact stated last.
    fn last(&mut self) -> &mut FactRecord {
        let at = self.facts.len().saturating_sub(1);
        &mut self.facts[at].fact
    }

    fn notice(&mut self, kind: NoticeKind, cell: &str) -> Result<(), Code> {
        let fact = self.fact(FactKind::NoticeSent, Point::None);
        fact.notice = Some(kind);
        instant(&mut fact.at, cell)
    }

    fn consent(
        &mut self,
        point: Point,
        kind: ConsentKind,
        given_to: Option<GivenTo>,
        cell: &str,
    ) -> Result<(), Code> {
        let fact = self.fact(FactKind::Consent, point);
        fact.consent.push(kind);
        fact.given_to = given_to;
        instant(&mut fact.at, cell)
    }
}

/// Which column each part of a record came from.
#[derive(Debug, Default)]
pub(super) struct Names {
    phones: Vec<usize>,
    emails: Vec<usize>,
    debts: Vec<usize>,
    parties: Vec<usize>,
    facts: Vec<Box<str>>,
}

impl Names {
    /// Names a fault by its column instead of its place in the record.
    pub(super) fn translate(&self, fault: Fault) -> Fault {
        let mut path = fault.field.split('.');
        let (list, index) = (
            path.next(),
            path.next().and_then(|index| index.parse().ok()),
        );
        let column = match (list, index) {
            (Some("phones"), Some(at)) => numbered("phone", &self.phones, at),
            (Some("emails"), Some(at)) => numbered("email", &self.emails, at),
            (Some("debts"), Some(at)) => numbered("debt", &self.debts, at),
            (Some("parties"), Some(at)) => numbered("party", &self.parties, at),
            (Some("facts"), Some(at)) => self.facts.get(at).map(ToString::to_string),
            _ => None,
        };
        match column {
            Some(column) => Fault {
                field: column.into(),
                ..fault
            },
            None => fault,
        }
    }
}

fn numbered(prefix: &str, slots: &[usize], at: usize) -> Option<String> {
    slots.get(at).map(|slot| format!("{prefix}_{slot}"))
}

/// The item for the number in a column's name, made when it is new.
fn slotted<'d, T: Default>(
    slots: &mut Vec<usize>,
    items: &'d mut Vec<T>,
    slot: usize,
) -> &'d mut T {
    let at = slots
        .iter()
        .position(|held| *held == slot)
        .unwrap_or_else(|| {
            slots.push(slot);
            items.push(T::default());
            slots.len() - 1
        });
    &mut items[at]
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "stands beside readers that can fail"
)]
fn put(field: &mut Option<Personal>, cell: &str) -> Result<(), Code> {
    *field = Some(Personal::from(cell));
    Ok(())
}

fn word<T>(field: &mut Option<T>, read: Option<T>) -> Result<(), Code> {
    *field = Some(read.ok_or(Code::UnknownWord)?);
    Ok(())
}

fn yes_no(field: &mut Option<bool>, cell: &str) -> Result<(), Code> {
    *field = Some(truth(cell)?);
    Ok(())
}

fn instant(field: &mut Option<UnixSeconds>, cell: &str) -> Result<(), Code> {
    *field = Some(UnixSeconds::parse(cell).map_err(|_kind| Code::InvalidDate)?);
    Ok(())
}
