//! The collector's file as a vector implies it: debts, people, numbers and addresses by label.

use dialgate::domain::phone::PhoneNumber;
use dialgate::domain::place::StateCode;
use dialgate::domain::record::{
    AccountRecord, DebtRecord, EmailRecord, PartyRecord, Personal, PhoneRecord,
};
use dialgate::domain::time::ZoneId;
use dialgate::domain::words::{AddressStatus, LineType, PartyRole};

use crate::fields::Said;
use crate::{moments, places};

/// The account every vector is about.
pub(crate) const ACCOUNT: &str = "A";
/// Where a consumer is of whom nothing is said.
const HOME: &str = "America/New_York";

/// Somebody a contact is made to: a label and a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Party {
    pub(crate) id: String,
    pub(crate) role: PartyRole,
}

#[derive(Debug)]
struct Number {
    label: String,
    owner: Option<String>,
    digits: String,
    line: Option<LineType>,
}

#[derive(Debug)]
struct Address {
    text: String,
    owner: Option<String>,
    employer: Option<bool>,
}

/// What is on file at the start.
#[derive(Debug)]
pub(crate) struct File {
    /// The zone of times without an offset.
    pub(crate) local: ZoneId,
    /// The number meant where none is named.
    pub(crate) main_number: String,
    /// The address meant where none is named.
    pub(crate) main_address: String,
    /// Whether any fact or the question names a number.
    pub(crate) names_numbers: bool,
    /// Whether any fact is a validation notice.
    pub(crate) tells_of_notice: bool,
    debts: Vec<DebtRecord>,
    people: Vec<Party>,
    numbers: Vec<Number>,
    addresses: Vec<Address>,
    area_codes: Vec<(String, LineType)>,
    home_area_code: String,
    zip: Option<(String, Option<String>)>,
}

impl File {
    /// A file about which nothing is said yet.
    pub(crate) fn blank() -> Said<Self> {
        Ok(Self {
            local: moments::zone(HOME)?,
            main_number: "MAIN".to_owned(),
            main_address: "consumer@mail.example".to_owned(),
            names_numbers: false,
            tells_of_notice: false,
            debts: Vec::new(),
            people: Vec::new(),
            numbers: Vec::new(),
            addresses: Vec::new(),
            area_codes: Vec::new(),
            home_area_code: places::area_code(HOME)?,
            zip: None,
        })
    }

    /// Evidence that a number's area code gives.
    pub(crate) fn area_code(&mut self, zone: &str, line: LineType) -> Said<()> {
        self.area_codes.push((places::area_code(zone)?, line));
        Ok(())
    }

    /// Evidence that a postal address gives.
    pub(crate) fn residence(&mut self, zone: &str) -> Said<()> {
        let (zip, state) = places::zip(zone)?;
        self.zip = Some((zip, Some(state)));
        self.home_area_code = places::area_code(zone)?;
        Ok(())
    }

    /// The same by its ZIP code.
    pub(crate) fn residence_zip(&mut self, zip: &str) {
        self.zip = Some((zip.to_owned(), None));
    }

    /// Puts debts on file.
    pub(crate) fn debts(&mut self, names: &[&str]) -> Vec<Personal> {
        for name in names {
            self.debt(name);
        }
        names.iter().map(|name| Personal::from(*name)).collect()
    }

    fn debt(&mut self, name: &str) -> &mut DebtRecord {
        let known = |debt: &DebtRecord| debt.debt_id == Some(Personal::from(name));
        let at = self.debts.iter().position(known).unwrap_or_else(|| {
            self.debts.push(DebtRecord {
                debt_id: Some(Personal::from(name)),
                ..DebtRecord::default()
            });
            self.debts.len() - 1
        });
        &mut self.debts[at]
    }

    /// Debts that are one particular debt.
    pub(crate) fn group(&mut self, names: &[&str]) {
        let group = names.join("+");
        for name in names {
            self.debt(name).group = Some(Personal::from(group.as_str()));
        }
    }

    /// Puts a person on file and gives their id; the consumer's is not named.
    pub(crate) fn person(&mut self, party: Option<&Party>) -> Option<Personal> {
        let party = party?;
        if !self.people.contains(party) {
            self.people.push(party.clone());
        }
        Some(Personal::from(party.id.as_str()))
    }

    /// The number of a label, put on file for its first owner.
    pub(crate) fn number(&mut self, label: Option<&str>, owner: Option<&Party>) -> Personal {
        let label = match (label, owner) {
            (Some(label), _) => label.to_owned(),
            (None, None) => self.main_number.clone(),
            (None, Some(party)) => format!("of {}", party.id),
        };
        let at = self.number_entry(&label, owner);
        Personal::from(self.numbers[at].digits.as_str())
    }

    /// Says what kind of line a number is.
    pub(crate) fn line(&mut self, label: Option<&str>, owner: Option<&Party>, line: LineType) {
        let digits = self.number(label, owner);
        let entry = |known: &&mut Number| known.digits == digits.as_str();
        if let Some(known) = self.numbers.iter_mut().find(entry) {
            known.line = Some(line);
        }
    }

    fn number_entry(&mut self, label: &str, owner: Option<&Party>) -> usize {
        if let Some(at) = self.numbers.iter().position(|known| known.label == label) {
            return at;
        }
        let owner = self.person(owner).map(|id| id.as_str().to_owned());
        self.numbers.push(Number {
            label: label.to_owned(),
            owner,
            digits: String::new(),
            line: None,
        });
        let at = self.numbers.len() - 1;
        self.numbers[at].digits = self.digits(label, at);
        at
    }

    /// A label that is a number stands for itself. Else the area codes in evidence are used in turn,
    /// the last for all further ones; without evidence the area code is of the place of residence.
    fn digits(&self, label: &str, at: usize) -> String {
        if PhoneNumber::parse(label).is_ok() {
            return label.to_owned();
        }
        let last = self.area_codes.len().saturating_sub(1);
        let evidence = self.area_codes.get(at.min(last));
        let npa = evidence.map_or(&self.home_area_code, |(npa, _)| npa);
        format!("+1{npa}55501{:02}", at % 100)
    }

    /// An address, put on file for its first owner.
    pub(crate) fn address(&mut self, text: Option<&str>, owner: Option<&Party>) -> Personal {
        let text = text.map_or_else(|| self.main_address.clone(), str::to_owned);
        if !self.addresses.iter().any(|known| known.text == text) {
            let owner = self.person(owner).map(|id| id.as_str().to_owned());
            self.addresses.push(Address {
                text: text.clone(),
                owner,
                employer: None,
            });
        }
        Personal::from(text.as_str())
    }

    /// Says whether the employer provides an address.
    pub(crate) fn employer(&mut self, text: Option<&str>, provided: bool) {
        let address = self.address(text, None);
        let entry = |known: &&mut Address| known.text == address.as_str();
        if let Some(known) = self.addresses.iter_mut().find(entry) {
            known.employer = Some(provided);
        }
    }

    /// The numbers of the consumer, for what holds of every one of them.
    pub(crate) fn consumer_numbers(&self) -> Vec<Personal> {
        let own = self.numbers.iter().filter(|known| known.owner.is_none());
        own.map(|known| Personal::from(known.digits.as_str()))
            .collect()
    }

    /// The addresses of the consumer, likewise.
    pub(crate) fn consumer_addresses(&self) -> Vec<Personal> {
        let own = self.addresses.iter().filter(|known| known.owner.is_none());
        own.map(|known| Personal::from(known.text.as_str()))
            .collect()
    }

    /// Makes sure that every piece of evidence stands on file.
    pub(crate) fn complete(&mut self) {
        if self.debts.is_empty() {
            self.debts(&["D1"]);
        }
        self.number(None, None);
        let evidence = self.area_codes.len();
        for at in self.numbers.len()..evidence {
            self.number_entry(&format!("evidence {at}"), None);
        }
        for (at, (_, line)) in self.area_codes.iter().enumerate() {
            if let Some(number) = self.numbers.get_mut(at) {
                number.line = number.line.or(Some(*line));
            }
        }
    }

    /// The record the file begins with.
    pub(crate) fn opening(&self) -> Said<AccountRecord> {
        let nothing_known = self.area_codes.is_empty() && self.zip.is_none();
        let (zip, state) = match &self.zip {
            Some((zip, state)) => (Some(zip.clone()), state.clone()),
            None if nothing_known => {
                let (zip, state) = places::zip(HOME)?;
                (Some(zip), Some(state))
            }
            None => (None, None),
        };
        let owner = |id: &Option<String>| id.as_deref().map(Personal::from);
        Ok(AccountRecord {
            account_id: Some(Personal::from(ACCOUNT)),
            address: Some(AddressStatus::OnFile),
            debts: self.debts.clone(),
            emails: (self.addresses.iter())
                .map(|known| EmailRecord {
                    address: Some(Personal::from(known.text.as_str())),
                    employer_provided: known.employer,
                    person_id: owner(&known.owner),
                    ..EmailRecord::default()
                })
                .collect(),
            parties: (self.people.iter())
                .map(|party| PartyRecord {
                    person_id: Some(Personal::from(party.id.as_str())),
                    role: Some(party.role),
                    ..PartyRecord::default()
                })
                .collect(),
            person_id: Some(Personal::from("consumer")),
            phones: (self.numbers.iter())
                .map(|known| PhoneRecord {
                    line_type: known.line,
                    number: Some(Personal::from(known.digits.as_str())),
                    person_id: owner(&known.owner),
                    ..PhoneRecord::default()
                })
                .collect(),
            state: state.as_deref().and_then(StateCode::parse),
            zip: zip.as_deref().map(Personal::from),
            ..AccountRecord::default()
        })
    }
}
