//! Recorded reports back into state: effects as their rows keep them.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Engine;
use super::call::Call;
use super::effect::{Effect, Gone, Place, channel};
use super::heard;
use super::replay::{RowDamage, Subjects};
use super::stated::{self, Around};
use super::strangers::Named;
use super::tenant::low32;
use super::whose;
use crate::domain::facts::{At, Attempt, ContactKey};
use crate::domain::ids::{AccountNo, DebtNo, DebtSet, PersonNo, TenantNo};
use crate::domain::phone::PhoneNumber;
use crate::domain::record::FactRecord;
use crate::domain::words::{Channel, Inbound, Outcome};
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
    #[serde(default)]
    la: u8,
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
    #[serde(default)]
    w: &'a str,
}

impl Engine {
    /// One of an account nobody knows: sent again, it leaves no second row.
    fn note_stranger(
        &mut self,
        no: TenantNo,
        row: &OutcomeRow<'_>,
        fields: Option<&SubjectFields<'_>>,
        around: &Around,
    ) {
        let tenant = self.tenants.get_mut(usize::from(no.0));
        if let (Some(tenant), Some(fields)) = (tenant, fields) {
            tenant.strangers.note(&Named {
                account: &fields.account_id,
                call: fields.call_id.as_deref().unwrap_or_default(),
                phone: around.phone,
                address: around.address.as_deref().unwrap_or_default(),
                word: row.w,
                channel: row.ch,
                at: row.fa,
            });
        }
    }

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
            self.note_stranger(no, row, fields.as_ref(), &around);
            return Ok(());
        };
        let person = self.state.persons.get(row.p).ok_or(RowDamage::Dangling)?;
        let said = stated::key(phone, email);
        let ours = self.ours(account, row);
        let known = self.known_of(row, &person.attempts, (said, &ours));
        let dropped = self.may_have_dropped(&person.attempts);
        if known.is_none() && (row.r != 0 || !row.go.is_empty()) && (self.erasures || !dropped) {
            // It went with a person whom an erased record joined with another.
            if !self.erasures {
                return Err(RowDamage::Dangling);
            }
            if row.f.is_some() {
                self.close_for_erased(no, AccountNo(account), row.q);
            }
            return Ok(());
        }
        let place = row.o.map(|outcome| row.place(outcome, known, (said, ours)));
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
            located: row.la != 0,
            facts: facts.as_deref().unwrap_or_default(),
            place,
        };
        // A fact without its strings, or without the number it was about, is no fact any more.
        let stated = |facts: &Vec<FactRecord>| !facts.is_empty() || row.condemns_address();
        let erased = facts
            .as_ref()
            .is_none_or(|facts| fields.is_none() && stated(facts));
        self.remember_heard(no, &effect, row.name(fields.as_ref(), subjects));
        if !erased && self.land_effect(&effect, now, row.q).is_ok() {
            return Ok(());
        }
        if !erased && !self.erasures {
            return Err(RowDamage::Refused);
        }
        self.stand_in_report(no, &effect, now, row.q);
        Ok(())
    }

    /// Whoever recorded a row may have kept longer rings than this engine: what a full one does not hold any
    /// more is put where it belongs, or is as old as what was dropped.
    fn may_have_dropped(&self, ring: &[Attempt]) -> bool {
        ring.len() >= self.options.attempts_per_person_max
    }

    /// The entry whose place the contact takes.
    fn known_of(
        &self,
        row: &OutcomeRow<'_>,
        attempts: &[Attempt],
        (said, ours): (ContactKey, &[DebtNo]),
    ) -> Option<Attempt> {
        if row.r != 0 {
            let same = |a: &&Attempt| a.audit == low32(row.r) && !a.has(Attempt::TALK_ONLY);
            return attempts.iter().find(same).copied();
        }
        let all = || attempts.iter().filter(|a| row.stood_at(a));
        let own = |a: &Attempt| self.state.debt_sets.meets(a.debts, ours);
        let known = all().find(|a| own(a) && (a.call != 0 || a.contact == said));
        // Where it went, or whose it was, an erased record no longer says.
        let erased = |a: &Attempt| said == ContactKey::NONE || a.contact == ContactKey::NONE;
        let known = known.or_else(|| all().find(|a| own(a) && erased(a)));
        known.or_else(|| all().find(|_| self.erasures)).copied()
    }

    /// The debts by which an entry that no decision names is known to be the account's. Of an erased
    /// account only the row still says some of them.
    fn ours(&self, account: u32, row: &OutcomeRow<'_>) -> Vec<DebtNo> {
        if row.go.is_empty() {
            return Vec::new();
        }
        let account = self.state.accounts.get(account);
        let mut ours = account.map_or_else(Vec::new, whose::debts_of);
        if self.erasures {
            ours.extend(row.d.iter().chain(&row.tk).map(|debt| DebtNo(*debt)));
        }
        ours
    }
}

impl OutcomeRow<'_> {
    /// What names the report, as when it came.
    fn name(&self, fields: Option<&SubjectFields<'_>>, subjects: Subjects<'_>) -> Option<u64> {
        let fields = fields?;
        let call = fields.call_id.as_deref().unwrap_or_default();
        let texts = subjects.get(1).copied().flatten().unwrap_or_default();
        let stated = self.f.map_or("", RawValue::get);
        let named = (&*fields.account_id, call, self.w);
        heard::name(named, (stated.as_bytes(), texts))
    }

    /// Whether an entry stood where the row says that the contact did.
    fn stood_at(&self, known: &Attempt) -> bool {
        let [at, call] = self.go.as_slice() else {
            return false;
        };
        let free = known.audit == 0 && !known.has(Attempt::RESERVED | Attempt::TALK_ONLY);
        let told = *call != 0
            || (self.ki.is_none_or(|kind| kind == known.kind) && !known.has(Attempt::INBOUND));
        free && told && known.at.0 == *at && known.call == *call
    }

    /// Whether it says of an address that it takes nothing any more. Where a letter went the account
    /// says.
    fn condemns_address(&self) -> bool {
        self.un != 0 && channel(self.ch) != Channel::Mail
    }

    fn place(
        &self,
        outcome: Outcome,
        known: Option<Attempt>,
        (said, ours): (ContactKey, Vec<DebtNo>),
    ) -> Place {
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
            [at, call] => Some(Gone {
                at: At(*at),
                call: *call,
                contact,
                channel: known.and_then(|a| a.channel()),
                ours,
            }),
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
