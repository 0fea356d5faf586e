//! Numbers of an account: what their type and status say.

use super::conditions::stated;
use crate::domain::phone::PhoneNumber;
use crate::domain::record::{FactKind, FactRecord, Personal, PhoneRecord};
use crate::domain::words::{LineType, Medium, PlaceKind};
use crate::sor::dialect::formats::{Said, Spoken, flag};

/// What is known of whether a number is any good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// Nothing is said against it.
    Usable,
    /// Not in service: nobody may be called at it, and calls to it happened.
    Dead,
    /// Somebody else's.
    Wrong,
}

/// Types of a number that is another person's: it is left off the file, so that it is never allowed.
const OTHERS: [&str; 16] = [
    "SPOUSE*",
    "WIFE",
    "HUSBAND",
    "RELATIVE*",
    "REFERENCE*",
    "NEIGHBOR*",
    "FRIEND*",
    "PARENT*",
    "MOTHER",
    "FATHER",
    "ATTORNEY*",
    "CODEBTOR*",
    "CO DEBTOR",
    "JOINT*",
    "THIRD PARTY",
    "3RD PARTY",
];

/// One number as the system holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) phone: PhoneNumber,
    pub(super) line: Option<LineType>,
    pub(super) place: Option<PlaceKind>,
    pub(super) standing: Standing,
    /// The consumer asked not to be called at it.
    pub(super) do_not_call: bool,
    /// It is somebody else's by its type.
    pub(super) is_others: bool,
}

impl Number {
    /// Reads type and status, `isagoodnumber` where there is one.
    pub(super) fn read(phone: PhoneNumber, kind: &str, status: &str, good: &str) -> Self {
        let (kind, said) = (Spoken::of(kind), Spoken::of(status));
        let is_bad = flag(good) == Said::This(false);
        let standing = if said.says_any(&["WRONG*", "NOT DEBTOR*", "NOT THE DEBTOR*"]) {
            Standing::Wrong
        } else if is_bad
            || said.says_any(&[
                "DISCONNECT*",
                "BAD*",
                "INVALID*",
                "OUT OF SERVICE",
                "NOT IN SERVICE",
                "DEAD",
                "NO GOOD",
                "NOT A GOOD*",
                "NOT GOOD*",
                "INACTIVE",
            ])
        {
            Standing::Dead
        } else {
            Standing::Usable
        };
        let line = [
            (
                LineType::Wireless,
                &["CELL*", "MOBILE*", "WIRELESS"] as &[&str],
            ),
            (LineType::Landline, &["LANDLINE", "LAND LINE"]),
            (LineType::Voip, &["VOIP"]),
        ];
        let place = [
            (
                PlaceKind::Employment,
                &["WORK*", "EMPLOY*", "POE", "BUSINESS", "OFFICE"] as &[&str],
            ),
            (PlaceKind::Home, &["HOME"]),
        ];
        Self {
            phone,
            line: line
                .iter()
                .find(|(_, words)| kind.says_any(words))
                .map(|(line, _)| *line),
            place: place
                .iter()
                .find(|(_, words)| kind.says_any(words))
                .map(|(place, _)| *place),
            standing,
            do_not_call: said.says_any(&["DO NOT CALL", "DNC", "DONT CALL"]),
            is_others: kind.says_any(&OTHERS),
        }
    }

    /// A number of which nothing else is known.
    pub(super) fn plain(
        number: PhoneNumber,
        place: Option<PlaceKind>,
        line: Option<LineType>,
    ) -> Self {
        Self {
            line,
            place,
            ..Self::read(number, "", "", "")
        }
    }

    /// Takes in another entry of the same number: what stands against it stands.
    pub(super) fn join(&mut self, other: &Self) {
        self.standing = self.standing.max(other.standing);
        self.do_not_call |= other.do_not_call;
        self.is_others |= other.is_others;
        self.line = self.line.or(other.line);
        // A number seen once as one at work is one.
        if self.place.is_none() || other.place == Some(PlaceKind::Employment) {
            self.place = other.place.or(self.place);
        }
    }

    /// Whether it goes on the account's file at all: a dead number is known by what forbids it, and
    /// one that is not on file is never allowed.
    pub(super) fn is_filed(&self) -> bool {
        self.standing != Standing::Dead && !self.is_others
    }

    /// Its entry on the file.
    pub(super) fn record(&self) -> PhoneRecord {
        PhoneRecord {
            number: Some(spelt(self.phone)),
            line_type: self.line,
            place: self.place,
            wrong: (self.standing == Standing::Wrong).then_some(true),
            ..PhoneRecord::default()
        }
    }

    /// What forbids it besides.
    pub(super) fn facts(&self) -> Vec<FactRecord> {
        let mut facts = Vec::new();
        if self.standing == Standing::Dead {
            facts.extend([Medium::Calls, Medium::Texts].map(|medium| FactRecord {
                phone: Some(spelt(self.phone)),
                medium: Some(medium),
                ..stated(FactKind::ContactOptOut)
            }));
        }
        if self.do_not_call {
            facts.push(FactRecord {
                phone: Some(spelt(self.phone)),
                ..stated(FactKind::DoNotCall)
            });
        }
        facts
    }
}

/// A number as records spell it.
pub(super) fn spelt(number: PhoneNumber) -> Personal {
    Personal::from(number.e164().as_str())
}
