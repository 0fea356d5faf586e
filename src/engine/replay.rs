//! Rows back into state: recovery applies what rows record and decides nothing anew.
//!
//! Invariant ENGINE-5: after any run, a fresh engine fed the run's rows holds the same state.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Engine;
use super::commands::{Activation, Decision, Key, Stated};
use super::erased::Numbers;
use super::keys::KeyRow;
use super::replay_ahead::{FactsRead, Read, ReadRow};
use super::tenant::low32;
use crate::domain::facts::{At, Attempt, ContactKey};
use crate::domain::hash::stable_hash_128;
use crate::domain::hex::unhex;
use crate::domain::ids::{AccountNo, DebtNo, PersonNo, TenantNo};
use crate::domain::rules::RuleNo;
use crate::domain::time::UnixSeconds;
use crate::domain::verdict::{Code, Finding, Findings};
use crate::domain::words::{KillScope, Outcome};
use crate::wire::subject::SubjectFields;

/// Why a row cannot be applied: the ledger is damaged, or was written by other code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowDamage {
    /// The body is not a row of a known kind.
    #[error("row body does not read")]
    Unreadable,
    /// Its position is not the next of its chain.
    #[error("row is out of sequence")]
    OutOfSequence,
    /// It names an account, person or tenant that no earlier row made.
    #[error("row names what does not exist")]
    Dangling,
    /// Applying its record does not give what it says it gave.
    #[error("row's record does not apply")]
    Refused,
}

/// The subjects of a row; `None` = erased.
pub type Subjects<'a> = &'a [Option<&'a [u8]>];

#[derive(Debug, Deserialize)]
pub(super) struct DecisionRow {
    pub(super) a: Option<u32>,
    #[serde(default)]
    af: u8,
    b: u16,
    #[serde(default)]
    c: Vec<u16>,
    #[serde(default)]
    cr: Vec<u16>,
    #[serde(default)]
    d: Vec<u32>,
    #[serde(default)]
    dr: u8,
    #[serde(default)]
    dx: String,
    e: u64,
    #[serde(default)]
    f: Vec<u16>,
    g: u16,
    pub(super) h: Option<usize>,
    i: Vec<u64>,
    m: Option<usize>,
    pub(super) p: Option<u32>,
    q: u64,
    #[serde(default)]
    rp: Vec<u64>,
    t: i64,
    u: Option<i64>,
    #[serde(default)]
    w: Vec<u64>,
    x: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct FactsRow<'a> {
    pub(super) q: u64,
    #[serde(borrow)]
    pub(super) r: Vec<LandedRow<'a>>,
    pub(super) t: i64,
}

#[derive(Deserialize)]
pub(super) struct LandedRow<'a> {
    a: Option<u32>,
    #[serde(default)]
    d: u32,
    #[serde(default)]
    p: u32,
    #[serde(borrow)]
    r: &'a RawValue,
}

#[derive(Deserialize)]
struct UnchangedRow {
    #[serde(default)]
    a: Vec<u32>,
    q: u64,
    t: i64,
}

#[derive(Deserialize)]
struct AdminRow<'a> {
    on: Option<bool>,
    op: &'a str,
    q: u64,
    sc: Option<KillScope>,
    t: i64,
    #[serde(borrow)]
    v: Option<std::borrow::Cow<'a, str>>,
}

#[derive(Deserialize)]
struct ActivationRow<'a> {
    pack: &'a str,
    policy: &'a str,
    q: u64,
    semantics: u32,
    t: i64,
    zones: &'a str,
}

#[derive(Deserialize)]
struct AnnouncementRow<'a> {
    from: Option<i64>,
    pack: Option<&'a str>,
    q: u64,
    t: i64,
}

impl LandedRow<'_> {
    pub(super) fn numbers(&self) -> Numbers {
        Numbers {
            account: self.a.map(AccountNo),
            persons: self.p,
            debts: self.d,
        }
    }
}

impl Engine {
    /// Applies one recorded row.
    ///
    /// # Errors
    /// [`RowDamage`]: the caller seals; nothing may be decided on a state that is not whole.
    pub fn apply_row(
        &mut self,
        tenant: TenantNo,
        body: &[u8],
        subjects: Subjects<'_>,
    ) -> Result<(), RowDamage> {
        self.apply_read(&ReadRow::read(tenant, body, subjects), body, subjects)
    }

    /// Applies one recorded row of which `read` is what was read before.
    ///
    /// # Errors
    /// As [`Engine::apply_row`].
    pub fn apply_read(
        &mut self,
        row: &ReadRow,
        body: &[u8],
        subjects: Subjects<'_>,
    ) -> Result<(), RowDamage> {
        let tenant = row.tenant;
        match &row.read {
            Read::Decision(row, key) => return self.apply_decision(tenant, row, *key),
            Read::Facts(row) => return self.apply_facts(tenant, row),
            Read::Later => {}
        }
        match kind_of(body).ok_or(RowDamage::Unreadable)? {
            b'o' => self.apply_outcome(tenant, &parse(body)?, subjects),
            b'u' => self.apply_unchanged(tenant, &parse(body)?),
            b'a' => self.apply_admin(tenant, &parse(body)?),
            b'v' => self.apply_activation(tenant, &parse(body)?),
            b'p' => self.apply_announcement(tenant, &parse(body)?),
            _ => Err(RowDamage::Unreadable),
        }
    }

    pub(super) fn step(
        &mut self,
        tenant: TenantNo,
        seq: u64,
        t: i64,
    ) -> Result<UnixSeconds, RowDamage> {
        let row = self
            .tenants
            .get_mut(usize::from(tenant.0))
            .ok_or(RowDamage::Dangling)?;
        if row.next_seq() != seq {
            return Err(RowDamage::OutOfSequence);
        }
        self.last = UnixSeconds(t);
        Ok(UnixSeconds(t))
    }

    fn apply_decision(
        &mut self,
        no: TenantNo,
        row: &DecisionRow,
        key: Option<Key>,
    ) -> Result<(), RowDamage> {
        let now = self.step(no, row.q, row.t)?;
        if let Some(tenant) = self.tenants.get_mut(usize::from(no.0)) {
            tenant.evaluations = row.e;
        }
        if let [person, audit] = row.rp.as_slice() {
            let person = u32::try_from(*person).map_err(|_wide| RowDamage::Unreadable)?;
            if self.withdraw_live(PersonNo(person), *audit, now).is_some() {
                self.touch_person(PersonNo(person), row.q);
            }
        }
        let decision = decision_of(row, now);
        let contact = self.contact_of(row)?;
        if let (Some(account), Some(person)) = (row.a, row.p) {
            self.stamp(no, AccountNo(account), PersonNo(person), contact, row.q)?;
            if decision.allow() && !decision.dry_run {
                self.replay_reservation(row, &decision, contact, now)?;
            }
        }
        if let Some(key) = key {
            let mut stored = KeyRow::of(no, key, &decision);
            stored.account = row.a.map(AccountNo);
            stored.person = row.p.map(PersonNo);
            stored.contact = contact;
            self.keys.store(stored, &mut self.state.pages);
        }
        Ok(())
    }

    /// The contact point of a decision: the entry of the account's file it went through.
    fn contact_of(&self, row: &DecisionRow) -> Result<ContactKey, RowDamage> {
        let Some(account) = row.a else {
            return Ok(ContactKey::NONE);
        };
        let account = self
            .state
            .accounts
            .get(account)
            .ok_or(RowDamage::Dangling)?;
        if let Some(slot) = row.h {
            return match account.phones.get(slot) {
                Some(phone) => Ok(ContactKey::phone(phone.number)),
                None if self.erasures => Ok(ContactKey::NONE),
                None => Err(RowDamage::Dangling),
            };
        }
        let emails = account
            .extras
            .as_deref()
            .map_or(&[][..], |extras| &extras.emails);
        match row.m.map(|slot| emails.get(slot)) {
            Some(Some(email)) => Ok(ContactKey::address(email.hash)),
            Some(None) if !self.erasures => Err(RowDamage::Dangling),
            Some(None) | None => Ok(ContactKey::NONE),
        }
    }

    fn stamp(
        &mut self,
        tenant: TenantNo,
        account: AccountNo,
        person: PersonNo,
        contact: ContactKey,
        seq: u64,
    ) -> Result<(), RowDamage> {
        let (state, stamp) = (&mut self.state, low32(seq));
        let known = state.contact(tenant, contact);
        let row = state.accounts.get_mut(account.0, &mut state.pages);
        row.ok_or(RowDamage::Dangling)?.touched = stamp;
        let row = state.persons.get_mut(person.0, &mut state.pages);
        row.ok_or(RowDamage::Dangling)?.touched = stamp;
        if let Some(row) = known.and_then(|c| state.contacts.get_mut(c, &mut state.pages)) {
            row.touched = stamp;
        }
        Ok(())
    }

    fn replay_reservation(
        &mut self,
        row: &DecisionRow,
        decision: &Decision,
        contact: ContactKey,
        now: UnixSeconds,
    ) -> Result<(), RowDamage> {
        let (Some(account), Some(person)) = (row.a, row.p) else {
            return Ok(());
        };
        let mut debts: Vec<DebtNo> = row.d.iter().map(|d| DebtNo(*d)).collect();
        debts.extend(super::ask::read_debts(&row.dx).ok_or(RowDamage::Unreadable)?);
        let [channel, action, ..] = row.i.as_slice() else {
            return Err(RowDamage::Unreadable);
        };
        let nibble = |word: u64| u8::try_from(word.saturating_sub(1)).unwrap_or(15);
        let attempt = Attempt {
            at: At::of(decision.decided_at),
            call: At::of(decision.use_by).0,
            debts: self.state.debt_set(&debts),
            audit: low32(row.q),
            contact,
            kind: nibble(*channel) | (nibble(*action) << 4),
            outcome: Outcome::Pending.number(),
            flags: row.af | Attempt::RESERVED,
        };
        self.reserve(PersonNo(person), attempt, now);
        if let Some(consumed) = super::consume::unpack(&row.w) {
            self.consume(
                AccountNo(account),
                PersonNo(person),
                contact,
                &debts,
                (consumed, now),
            );
        }
        Ok(())
    }

    fn apply_facts(&mut self, no: TenantNo, row: &FactsRead) -> Result<(), RowDamage> {
        let now = self.step(no, row.q, row.t)?;
        for (numbers, stated) in &row.records {
            let Some(stated) = stated else {
                self.erasures = true;
                self.stand_in(no, *numbers, row.q);
                continue;
            };
            let stated = stated.as_ref().map_err(|damage| *damage)?;
            match self.land(no, stated, now, row.q, Some(*numbers)) {
                // A record is as much work as when it was first applied.
                Ok(_) => self.landed += 1,
                Err(_) if self.erasures => self.stand_in(no, *numbers, row.q),
                Err(_) => return Err(RowDamage::Refused),
            }
        }
        Ok(())
    }

    fn apply_unchanged(&mut self, no: TenantNo, row: &UnchangedRow) -> Result<(), RowDamage> {
        let now = self.step(no, row.q, row.t)?;
        let state = &mut self.state;
        for account in &row.a {
            let account = state.accounts.get_mut(*account, &mut state.pages);
            account.ok_or(RowDamage::Dangling)?.facts_at = At::of(now);
        }
        self.still_true(row.a.iter().map(|no| AccountNo(*no)), low32(row.q));
        Ok(())
    }

    fn apply_admin(&mut self, no: TenantNo, row: &AdminRow<'_>) -> Result<(), RowDamage> {
        self.step(no, row.q, row.t)?;
        match row.op {
            "clock" | "ack" => return Ok(()),
            "withdraw" => {
                if let Some(tenant) = self.tenants.get_mut(usize::from(no.0)) {
                    tenant.withdraw(row.q);
                }
                return Ok(());
            }
            _ => {}
        }
        let (Some(on), Some(scope), Some(value)) = (row.on, row.sc, &row.v) else {
            return Err(RowDamage::Unreadable);
        };
        self.switch(no, scope, value, on)
            .ok_or(RowDamage::Dangling)?;
        if let Some(tenant) = self.tenants.get_mut(usize::from(no.0)) {
            tenant.restricted = row.q;
        }
        Ok(())
    }

    fn apply_activation(&mut self, no: TenantNo, row: &ActivationRow<'_>) -> Result<(), RowDamage> {
        self.step(no, row.q, row.t)?;
        let hash = |text: &str| unhex(text).ok_or(RowDamage::Unreadable);
        let activation = Activation {
            pack: hash(row.pack)?,
            policy: hash(row.policy)?,
            zones: hash(row.zones)?,
            semantics: row.semantics,
        };
        self.named = Some(activation.pack);
        if let Some(tenant) = self.tenants.get_mut(usize::from(no.0)) {
            tenant.activate(activation, row.q);
        }
        Ok(())
    }

    fn apply_announcement(
        &mut self,
        no: TenantNo,
        row: &AnnouncementRow<'_>,
    ) -> Result<(), RowDamage> {
        self.step(no, row.q, row.t)?;
        let pack = row
            .pack
            .map(|text| unhex(text).ok_or(RowDamage::Unreadable));
        let announced = pack.transpose()?.zip(row.from.map(UnixSeconds));
        if let Some(tenant) = self.tenants.get_mut(usize::from(no.0)) {
            tenant.announced = announced;
        }
        Ok(())
    }
}

/// The value of `k`: its first occurrence, since no string that a caller chose can stand before it.
pub fn kind_of(body: &[u8]) -> Option<u8> {
    let at = body.windows(5).position(|w| w == b"\"k\":\"")?;
    body.get(at + 5).copied()
}

/// The idempotency key in a decision's subject, if it came with one.
pub(super) fn key_of(subjects: Subjects<'_>) -> Option<Key> {
    let subject = subjects.first().copied().flatten()?;
    let fields = SubjectFields::decode(subject)?;
    let key = stable_hash_128(&[fields.key?.as_bytes()]);
    let body = u128::from_str_radix(&fields.body?, 16).ok()?;
    Some(Key { key, body })
}

pub(super) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, RowDamage> {
    serde_json::from_slice(body).map_err(|_cause| RowDamage::Unreadable)
}

pub(super) fn stated_of(landed: &LandedRow<'_>, subject: &[u8]) -> Result<Stated, RowDamage> {
    let body = landed.r.get().as_bytes();
    if landed.a.is_some() {
        let record = crate::wire::record::restore(body, subject);
        return Ok(Stated::Account(Box::new(
            record.map_err(|_cause| RowDamage::Unreadable)?,
        )));
    }
    let fact = crate::wire::record::restore_fact(body, subject);
    Ok(Stated::Contact(Box::new(
        fact.map_err(|_cause| RowDamage::Unreadable)?,
    )))
}

fn decision_of(row: &DecisionRow, now: UnixSeconds) -> Decision {
    let codes = row.c.iter().zip(&row.cr).filter_map(|(code, rule)| {
        Some(Finding {
            code: Code::from_number(*code)?,
            rule: RuleNo(*rule),
        })
    });
    Decision {
        findings: Findings::restore((row.b, row.g), codes, row.f.iter().map(|f| RuleNo(*f))),
        audit_id: row.q,
        evaluation_id: row.e,
        decided_at: now,
        next_allowed_at: row.x.map(UnixSeconds),
        use_by: row.u.map_or(now, UnixSeconds),
        dry_run: row.dr != 0,
        law: 0,
    }
}
