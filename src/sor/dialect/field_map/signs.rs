//! Restrictions in a body: stated by a flag, or spoken of by a status, an alert, an event.

use super::{Field, FieldMap, Meaning, Sign, Tree};
use crate::domain::record::{AccountRecord, FactKind, FactRecord};
use crate::domain::words::{
    AccountStatus, BankruptcyStatus, EscalationKind, HoldKind, Medium, Vulnerability,
};
use crate::sor::dialect::formats;

/// Answers that deny a flag. A date that stands for none does too.
const DENIALS: [&str; 16] = [
    "no", "n", "false", "f", "0", "off", "not", "never", "clear", "cleared", "inactive", "unknown",
    "allowed", "ok", "good", "valid",
];

impl FieldMap {
    /// The restrictions a body states by flags.
    pub(in crate::sor::dialect) fn flagged(&self, tree: &Tree) -> Vec<Sign> {
        let states = |sign: &Sign| {
            self.stated(tree, *sign)
                .into_iter()
                .any(|v| self.says_yes(v))
        };
        Sign::ALL.iter().copied().filter(states).collect()
    }

    /// Whether the answer about a number says that it is on the list; none where it says nothing of it.
    pub(in crate::sor::dialect) fn is_listed(&self, tree: &Tree) -> Option<bool> {
        let listed = self.values(tree, Field::Listed).into_iter();
        let flagged = self.stated(tree, Sign::DoNotCall).into_iter();
        let spoken = self.texts(tree, Field::Status).into_iter();
        let said = listed.chain(flagged).map(|value| self.says_yes(value));
        let told = spoken.map(|text| self.spoken(text).contains(&Sign::DoNotCall));
        said.chain(told).reduce(|one, other| one || other)
    }

    /// The restrictions a text speaks of; none when it says that they are over.
    pub(in crate::sor::dialect) fn spoken(&self, text: &str) -> Vec<Sign> {
        if self.means(text, Meaning::Over) {
            return Vec::new();
        }
        let speaks = |sign: &Sign| self.speaks_of(text, *sign);
        Sign::ALL.iter().copied().filter(speaks).collect()
    }

    /// Whether the value of a restriction's flag affirms it. Whatever does not deny it does.
    fn says_yes(&self, value: &Tree) -> bool {
        match value {
            Tree::Null => false,
            Tree::Flag(flag) => *flag,
            Tree::Fraction(number) => number.abs() > 0.0,
            Tree::Text(_) => value.text().is_some_and(|text| self.text_says_yes(text)),
            Tree::List(items) => items.iter().any(|item| self.says_yes(item)),
            Tree::Object(fields) => {
                !self.is_over(value) && fields.iter().any(|(_, value)| self.says_yes(value))
            }
        }
    }

    fn text_says_yes(&self, text: &str) -> bool {
        let denied = DENIALS
            .iter()
            .any(|denial| text.eq_ignore_ascii_case(denial));
        let no_date = formats::date(text) == formats::Said::Nothing;
        !denied && !no_date && !self.means(text, Meaning::Over)
    }

    /// The restrictions a list of alerts or of bare words speaks of. Each alert stands for itself: its
    /// kind and its text are looked at, and its flags.
    pub(in crate::sor::dialect) fn alerted(&self, tree: &Tree) -> Vec<Sign> {
        match tree {
            Tree::List(items) => items.iter().flat_map(|item| self.alerted(item)).collect(),
            Tree::Text(text) => self.spoken(text),
            Tree::Object(fields) => {
                let rows = self.rows(tree);
                if !rows.is_empty() {
                    return rows.into_iter().flat_map(|row| self.alerted(row)).collect();
                }
                if fields.is_empty() || self.is_over(tree) {
                    return Vec::new();
                }
                let mut signs = self.flagged(tree);
                for text in self.texts(tree, Field::Kind) {
                    signs.extend(self.spoken(text));
                }
                signs
            }
            Tree::Null | Tree::Flag(_) | Tree::Fraction(_) => Vec::new(),
        }
    }

    /// Whether an alert, a flag or a dispute says of itself that it no longer holds.
    pub(in crate::sor::dialect) fn is_over(&self, tree: &Tree) -> bool {
        let own = |field| {
            let names = self.names(field).iter();
            let values = tree.fields().iter().filter(move |(name, _)| {
                let mut names = names.clone();
                names.any(|path| matches!(&**path, [known] if known == name))
            });
            values.map(|(_, value)| value)
        };
        let says = |value: &Tree, wanted: bool| match value {
            Tree::Flag(flag) => *flag == wanted,
            _ => value.text().and_then(|text| formats::flag(text).known()) == Some(wanted),
        };
        // A date of its end says it as well as a flag.
        let ended = |value: &Tree| {
            says(value, true)
                || value
                    .text()
                    .is_some_and(|text| formats::date(text).known().is_some())
        };
        own(Field::Over).any(ended)
            || own(Field::Holds).any(|value| says(value, false))
            || own(Field::Status).any(|value| {
                let over = |text: &str| self.means(text, Meaning::Over);
                value.text().is_some_and(over)
            })
    }
}

/// Puts a restriction of an account into its record.
pub(in crate::sor::dialect) fn restrict(record: &mut AccountRecord, sign: Sign) {
    if let Some(status) = status_of(sign) {
        record.status = Some(record.status.map_or(status, |known| firmer(known, status)));
    } else if let Some(fact) = fact_of(sign)
        && !record.facts.contains(&fact)
    {
        record.facts.push(fact);
    }
}

/// Of two the one that says more; neither permits anything.
fn firmer(known: AccountStatus, said: AccountStatus) -> AccountStatus {
    if known == AccountStatus::Closed {
        said
    } else {
        known
    }
}

/// The status a sign says an account has.
pub(in crate::sor::dialect) const fn status_of(sign: Sign) -> Option<AccountStatus> {
    match sign {
        Sign::Closed => Some(AccountStatus::Closed),
        Sign::Paid => Some(AccountStatus::Paid),
        Sign::Settled => Some(AccountStatus::Settled),
        Sign::Recalled => Some(AccountStatus::Recalled),
        Sign::Sold => Some(AccountStatus::Sold),
        _ => None,
    }
}

/// The fact a sign is, without an instant: said again it changes nothing.
pub(in crate::sor::dialect) fn fact_of(sign: Sign) -> Option<FactRecord> {
    let of = |fact| FactRecord {
        fact: Some(fact),
        ..FactRecord::default()
    };
    let medium = |medium| FactRecord {
        medium: Some(medium),
        ..of(FactKind::MediumOptOut)
    };
    let hold = |hold| FactRecord {
        hold: Some(hold),
        ..of(FactKind::Hold)
    };
    let escalation = |escalation| FactRecord {
        escalation: Some(escalation),
        ..of(FactKind::Escalation)
    };
    Some(match sign {
        Sign::Bankruptcy => FactRecord {
            status: Some(BankruptcyStatus::Filed),
            ..of(FactKind::Bankruptcy)
        },
        Sign::Deceased => of(FactKind::Deceased),
        Sign::Dispute => of(FactKind::Dispute),
        Sign::Cease => of(FactKind::Cease),
        Sign::Attorney => of(FactKind::Attorney),
        Sign::IdentityTheft => of(FactKind::IdentityTheft),
        Sign::Minor => of(FactKind::Minor),
        Sign::Military => of(FactKind::Military),
        Sign::Litigation => hold(HoldKind::Litigation),
        Sign::CreditorHold => hold(HoldKind::Creditor),
        Sign::Complaint => escalation(EscalationKind::Complaint),
        Sign::Regulator => escalation(EscalationKind::RegulatorInquiry),
        Sign::Hardship => FactRecord {
            vulnerability: Some(Vulnerability::Hardship),
            ..of(FactKind::Vulnerability)
        },
        Sign::DoNotCall => medium(Medium::Calls),
        Sign::NoTexts => medium(Medium::Texts),
        Sign::NoEmail => medium(Medium::Email),
        Sign::NoMail => medium(Medium::Mail),
        Sign::Workplace => of(FactKind::EmployerProhibits),
        Sign::Closed | Sign::Paid | Sign::Settled | Sign::Recalled | Sign::Sold | Sign::Wrong => {
            return None;
        }
    })
}
