//! Recorded reports back into state: effects as their rows keep them.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Engine;
use super::call::Call;
use super::effect::{Effect, Place, channel};
use super::replay::{RowDamage, Subjects};
use super::stated::{self, Around};
use super::tenant::low32;
use crate::domain::facts::{At, Attempt, ContactKey};
use crate::domain::ids::{AccountNo, DebtNo, DebtSet, PersonNo, TenantNo};
use crate::domain::phone::PhoneNumber;
use crate::domain::record::FactRecord;
use crate::domain::words::{Inbound, Outcome};
use crate::wire::subject::SubjectFields;

#[derive(Deserialize)]
pub(super) struct OutcomeRow<'a> {
    a: Option<u32>,
    #[serde(default)]
    af: u8,
    #[serde(default)]
    at: u32,
    #[serde(default)]
    ca: u32,
    #[serde(default)]
    ch: u8,
    #[serde(default)]
    d: Vec<u32>,
    #[serde(borrow)]
    f: Option<&'a RawValue>,
    #[serde(default)]
    fa: u32,
    #[serde(default)]
    go: Vec<u32>,
    #[serde(default, rename = "in")]
    inbound: u8,
    ki: Option<u8>,
    o: Option<Outcome>,
    #[serde(default)]
    p: u32,
    q: u64,
    #[serde(default)]
    r: u64,
    #[serde(default)]
    s: u8,
    t: i64,
    #[serde(default)]
    tk: Vec<u32>,
    #[serde(default)]
    un: u8,
}

impl Engine {
    pub(super) fn apply_outcome(
        &mut self,
        no: TenantNo,
        row: &OutcomeRow<'_>,
        subjects: Subjects<'_>,
    ) -> Result<(), RowDamage> {
        let now = self.step(no, row.q, row.t)?;
        if matches!(subjects.first(), Some(None)) {
            self.erasures = true;
        }
        let fields = subjects.first().copied().flatten();
        let fields = fields.and_then(SubjectFields::decode);
        let phone = fields.as_ref().and_then(|f| f.phone.as_deref());
        let phone = phone.and_then(|text| PhoneNumber::parse(text).ok());
        let email = fields.as_ref().and_then(|f| f.email.as_deref());
        let facts = stated_of(row, subjects)?;
        let mut around = Around {
            channel: channel(row.ch),
            phone,
            address: email.map(Into::into),
            at: At(row.fa),
        };
        let Some(account) = row.a else {
            let facts = facts.unwrap_or_default();
            self.bind_contact(no, (&facts, &around), now, row.q);
            return Ok(());
        };
        let person = self.state.persons.get(row.p).ok_or(RowDamage::Dangling)?;
        let said = stated::key(phone, email);
        let known = person.attempts.iter().find(|a| row.takes_place_of(a, said));
        let known = known.copied();
        if known.is_none() && (row.r != 0 || !row.go.is_empty()) {
            // It went with a person whom an erased record joined with another.
            if !self.erasures {
                return Err(RowDamage::Dangling);
            }
            if row.f.is_some() {
                self.close_for_erased(no, AccountNo(account), row.q);
            }
            return Ok(());
        }
        let place = row.o.map(|outcome| row.place(outcome, known, said));
        let contact = place
            .as_ref()
            .map_or(ContactKey::NONE, |p| p.call.main.contact);
        around.phone = around.phone.or_else(|| contact.as_phone());
        if around.address.is_none() {
            let account = self.state.accounts.get(account);
            let account = account.ok_or(RowDamage::Dangling)?;
            around.address = stated::address_of(&self.state, account, contact);
        }
        let effect = Effect {
            account: AccountNo(account),
            person: PersonNo(row.p),
            around,
            inbound: row.inbound.checked_sub(1).and_then(Inbound::from_number),
            unusable: row.un != 0,
            facts: facts.as_deref().unwrap_or_default(),
            place,
        };
        // A fact without its strings, or without the number it was about, is no fact any more.
        let erased = facts
            .as_ref()
            .is_none_or(|facts| !facts.is_empty() && fields.is_none());
        if !erased && self.land_effect(&effect, now, row.q).is_ok() {
            return Ok(());
        }
        if !erased && !self.erasures {
            return Err(RowDamage::Refused);
        }
        self.stand_in_report(no, &effect, now, row.q);
        Ok(())
    }
}

impl OutcomeRow<'_> {
    /// Whether an entry is the one whose place the contact takes.
    fn takes_place_of(&self, known: &Attempt, said: ContactKey) -> bool {
        if known.has(Attempt::TALK_ONLY) {
            return false;
        }
        if self.r != 0 {
            return known.audit == low32(self.r);
        }
        let [at, call] = self.go.as_slice() else {
            return false;
        };
        // An erased report no longer says where it went.
        let here = *call != 0 || known.contact == said || said == ContactKey::NONE;
        let free = known.audit == 0 && !known.has(Attempt::RESERVED);
        free && known.at.0 == *at && known.call == *call && here
    }

    fn place(&self, outcome: Outcome, known: Option<Attempt>, said: ContactKey) -> Place {
        let contact = known.map_or(ContactKey::NONE, |a| a.contact);
        let debts = |list: &[u32]| list.iter().map(|d| DebtNo(*d)).collect();
        let main = Attempt {
            at: At(self.at),
            call: self.ca,
            debts: DebtSet::one(DebtNo(0)),
            audit: low32(self.r),
            contact: if contact == ContactKey::NONE {
                said
            } else {
                contact
            },
            kind: self.ki.or_else(|| known.map(|a| a.kind)).unwrap_or(0),
            outcome: outcome.number() | self.s,
            flags: self.af,
        };
        let gone = match self.go.as_slice() {
            [at, call] => Some((At(*at), *call)),
            _ => None,
        };
        let call = Call {
            main,
            debts: debts(&self.d),
            talk: debts(&self.tk),
        };
        Place {
            call,
            gone,
            changed: true,
        }
    }
}

/// The facts of a row: none stated is an empty list, erased ones are `None`.
fn stated_of(
    row: &OutcomeRow<'_>,
    subjects: Subjects<'_>,
) -> Result<Option<Vec<FactRecord>>, RowDamage> {
    let Some(stated) = row.f else {
        return Ok(Some(Vec::new()));
    };
    let Some(subject) = subjects.get(1).copied().flatten() else {
        return Ok(None);
    };
    let facts = crate::wire::record::restore(stated.get().as_bytes(), subject);
    facts.map(Some).map_err(|_cause| RowDamage::Unreadable)
}
