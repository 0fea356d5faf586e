//! `Ask`: idempotency, the twelve gates, the reservation.

mod row;

pub(super) use row::read_debts;

use super::Engine;
use super::case::{self, Target};
use super::commands::{Answer, Ask, Decision, RowSink};
use super::keys::KeyRow;
use super::state::{id_hash, posting};
use super::tenant::{later, low32};
use super::whose::people;
use crate::domain::case::Case;
use crate::domain::facts::{At, Attempt, Phone};
use crate::domain::gates::{self, Verdict, purpose};
use crate::domain::ids::{AccountNo, DebtSet, PersonNo, TenantNo};
use crate::domain::intent::{Asked, Intent};
use crate::domain::time::UnixSeconds;
use crate::domain::verdict::Findings;
use crate::domain::words::{DialMode, Outcome, PlaceKind};

/// A decided ask before its effects.
struct Decided {
    /// [`id_hash`] of the account asked about, known or not.
    account_hash: u64,
    verdict: Verdict,
    target: Option<Target>,
    attempt_flags: u8,
    consumed: Option<purpose::Consumed>,
}

impl Engine {
    /// Decides an intent, reserves the attempt on ALLOW, and makes the row.
    pub fn ask(&mut self, ask: &Ask, now: UnixSeconds, rows: &mut impl RowSink) -> Answer {
        self.answer(ask, now, false, rows)
    }

    /// The same for a tenant whose accounts can be read elsewhere: [`Answer::Unread`], without a row
    /// and without any change of state, when the account is not known. Whoever asked has it read and
    /// then asks by [`Engine::ask`], which makes the one row.
    pub fn ask_read(&mut self, ask: &Ask, now: UnixSeconds, rows: &mut impl RowSink) -> Answer {
        self.answer(ask, now, true, rows)
    }

    fn answer(
        &mut self,
        ask: &Ask,
        now: UnixSeconds,
        unread_first: bool,
        rows: &mut impl RowSink,
    ) -> Answer {
        let now = self.begin(now, rows);
        if self.tenant(ask.tenant).is_none_or(|t| !t.declared) {
            return Answer::UnknownTenant;
        }
        let mut replaced = None;
        if let Some(key) = ask.key
            && let Some(row) = self
                .keys
                .find(ask.tenant, key.key)
                .filter(|row| row.alive(now))
        {
            if row.body != key.body {
                return Answer::KeyReused;
            }
            if self.still_means(row, &ask.intent, now) {
                // Nothing was activated since, so this pack decided it.
                let law = self.pack.mark();
                return Answer::Repeated(Decision {
                    law,
                    ..row.decision()
                });
            }
            replaced = row.reserved().then_some((row.person, row.audit));
        }
        if unread_first
            && self
                .state
                .account(ask.tenant, &ask.intent.account_id)
                .is_none()
        {
            return Answer::Unread;
        }
        let replaced = replaced.and_then(|(person, audit)| self.withdraw_live(person?, audit, now));
        if let (Some((person, _)), Some(tenant)) = (replaced, self.tenant(ask.tenant)) {
            self.touch_person(person, tenant.seq + 1);
        }
        let decided = self.decide(ask, now);
        self.record(ask, now, &decided, replaced, rows)
    }

    /// Whether a stored decision may be repeated (GATES.md, semantics 7).
    fn still_means(&self, row: &KeyRow, intent: &Intent, now: UnixSeconds) -> bool {
        let seq = row.audit;
        let Some(tenant) = self.tenant(row.tenant) else {
            return false;
        };
        if tenant.restricted > seq {
            return false;
        }
        let (Some(account_no), Some(person_no)) = (row.account, row.person) else {
            return self.state.account(row.tenant, &intent.account_id).is_none();
        };
        let (Some(account), Some(person)) = (
            self.state.accounts.get(account_no.0),
            self.state.persons.get(person_no.0),
        ) else {
            return false;
        };
        let contact = self.state.contact(row.tenant, row.contact);
        let contact = contact.and_then(|c| self.state.contacts.get(c));
        let reserved = row.reserved();
        let news = |touched, restricted| later(if reserved { restricted } else { touched }, seq);
        // The gates look at everybody of the account, whichever of their accounts the news came by.
        let mut people = people(account).filter_map(|no| self.state.persons.get(no.0));
        if news(account.touched, account.restricted)
            || news(person.touched, person.restricted)
            || contact.is_some_and(|c| news(c.touched, c.restricted))
            || people.any(|p| news(p.touched, p.restricted))
        {
            return false;
        }
        let lives = |a: &Attempt| a.audit == low32(seq) && a.is_live(now);
        !reserved || person.attempts.iter().any(lives)
    }

    /// Withdraws a live reservation; the person and row when there was one.
    pub(super) fn withdraw_live(
        &mut self,
        person: PersonNo,
        audit: u64,
        now: UnixSeconds,
    ) -> Option<(PersonNo, u64)> {
        let pages = &mut self.state.pages;
        let row = self.state.persons.get_mut(person.0, pages)?;
        let live = |a: &&mut Attempt| a.audit == low32(audit) && a.is_live(now);
        let attempt = row.attempts.iter_mut().find(live)?;
        attempt.flags = (attempt.flags & !Attempt::RESERVED) | Attempt::WITHDRAWN;
        attempt.outcome =
            Outcome::NotDialed.number() | Attempt::WHEN_GUESSED | Attempt::DEBTS_GUESSED;
        attempt.call = 0;
        Some((person, audit))
    }

    /// Stamps a person that a row changed besides those it looked at.
    pub(super) fn touch_person(&mut self, person: PersonNo, seq: u64) {
        let state = &mut self.state;
        if let Some(row) = state.persons.get_mut(person.0, &mut state.pages) {
            row.touched = low32(seq);
        }
    }

    /// What the gates find on the state as it is, without row, reservation or stamp: for asking a
    /// recorded question again. `replaced` is the reservation its decision took the place of.
    pub fn find(&mut self, ask: &Ask, replaced: Option<(u32, u64)>, now: UnixSeconds) -> Findings {
        if let Some((person, audit)) = replaced {
            self.withdraw_live(PersonNo(person), audit, now);
        }
        self.decide(ask, now).verdict.findings
    }

    fn decide(&self, ask: &Ask, now: UnixSeconds) -> Decided {
        let account_hash = id_hash(ask.tenant, &ask.intent.account_id);
        let unknown = || Decided {
            account_hash,
            verdict: Verdict::unknown_account(now),
            target: None,
            attempt_flags: 0,
            consumed: None,
        };
        let (tenant, intent) = (ask.tenant, &ask.intent);
        let no = self
            .state
            .account_at(account_hash, tenant, &intent.account_id);
        let Some(target) = no.and_then(|no| self.target(no, intent)) else {
            return unknown();
        };
        let seen = self.on_target((tenant, intent), &target, now, |case| {
            let verdict = gates::evaluate(case);
            let reserves = verdict.findings.allow() && !intent.dry_run;
            let consumed = if reserves {
                purpose::consumed(case)
            } else {
                None
            };
            (verdict, attempt_flags(case), consumed)
        });
        let Some((verdict, attempt_flags, consumed)) = seen else {
            return unknown();
        };
        Decided {
            account_hash,
            verdict,
            target: Some(target),
            attempt_flags,
            consumed,
        }
    }

    /// Puts the case of an intent together and looks at it; `None` when the tenant or the account is
    /// not known.
    pub(super) fn on_case<R>(
        &self,
        tenant: TenantNo,
        intent: &Intent,
        now: UnixSeconds,
        look: impl FnOnce(&Target, &Case<'_>) -> R,
    ) -> Option<R> {
        let no = self.state.account(tenant, &intent.account_id)?;
        let target = self.target(no, intent)?;
        self.on_target((tenant, intent), &target, now, |case| look(&target, case))
    }

    fn target(&self, no: AccountNo, intent: &Intent) -> Option<Target> {
        let account = self.state.accounts.get(no.0)?;
        Some(case::target(&self.state, no, account, intent))
    }

    fn on_target<R>(
        &self,
        (tenant, intent): (TenantNo, &Intent),
        target: &Target,
        now: UnixSeconds,
        look: impl FnOnce(&Case<'_>) -> R,
    ) -> Option<R> {
        let (tenant, asked) = (self.tenant(tenant)?, (intent, target, now));
        case::with_case(&self.state, tenant, self.world(), asked, look)
    }

    fn record(
        &mut self,
        ask: &Ask,
        now: UnixSeconds,
        decided: &Decided,
        replaced: Option<(PersonNo, u64)>,
        rows: &mut impl RowSink,
    ) -> Answer {
        let Some(tenant) = self.tenants.get_mut(usize::from(ask.tenant.0)) else {
            return Answer::UnknownTenant;
        };
        let seq = tenant.next_seq();
        tenant.evaluations += 1;
        tenant.tallies.decision(&decided.verdict.findings, now);
        let decision = Decision {
            findings: decided.verdict.findings,
            audit_id: seq,
            evaluation_id: tenant.evaluations,
            decided_at: now,
            next_allowed_at: decided.verdict.next_allowed_at,
            use_by: decided.verdict.use_by,
            dry_run: ask.intent.dry_run,
            law: self.pack.mark(),
        };
        let reserves = decision.allow() && !decision.dry_run;
        let debts = match (&decided.target, reserves) {
            (Some(target), true) => Some(self.state.debt_set(target.debts.as_slice())),
            _ => None,
        };
        self.write_decision(ask, &decision, decided, replaced, rows);
        if let Some(target) = &decided.target {
            self.touch(target, seq);
            if let Some(debts) = debts {
                let attempt = reservation(&ask.intent, &decision, decided, target, debts);
                self.reserve(target.person, attempt, now);
                if let Some(consumed) = decided.consumed {
                    let (account, person) = (target.account, target.person);
                    let debts = target.debts.as_slice();
                    self.consume(account, person, target.contact, debts, (consumed, now));
                }
            }
        }
        self.remember(ask, &decision, decided.target.as_ref());
        Answer::Decided(decision)
    }

    fn remember(&mut self, ask: &Ask, decision: &Decision, target: Option<&Target>) {
        let Some(key) = ask.key else { return };
        let mut row = KeyRow::of(ask.tenant, key, decision);
        if let Some(target) = target {
            row.account = Some(target.account);
            row.person = Some(target.person);
            row.contact = target.filed_contact();
        }
        self.keys.store(row, &mut self.state.pages);
    }

    /// Stamps the rows a decision looked at.
    fn touch(&mut self, target: &Target, seq: u64) {
        let (state, stamp) = (&mut self.state, low32(seq));
        if let Some(account) = state.accounts.get_mut(target.account.0, &mut state.pages) {
            account.touched = stamp;
        }
        if let Some(person) = state.persons.get_mut(target.person.0, &mut state.pages) {
            person.touched = stamp;
        }
        let number = target.filed_number();
        if let Some(row) = number.and_then(|n| state.contacts.get_mut(n, &mut state.pages)) {
            row.touched = stamp;
        }
    }

    /// Adds an attempt to a person's ring, in order of time, forgetting what no window needs.
    pub(super) fn reserve(&mut self, person: PersonNo, attempt: Attempt, now: UnixSeconds) {
        let max = self.options.attempts_per_person_max;
        if let Some(row) = self.state.persons.get_mut(person.0, &mut self.state.pages) {
            super::ring::insert(&mut row.attempts, attempt, now, max);
        }
    }

    /// Whether the validation period of the account an intent names is running (12 CFR
    /// 1006.34(b)(5)); `None` when the tenant or the account is not known. Decides nothing.
    pub fn validation_period_open(
        &self,
        tenant: TenantNo,
        intent: &Intent,
        now: UnixSeconds,
    ) -> Option<bool> {
        let open = gates::compliance::validation_period_open;
        self.on_case(tenant, intent, now, |_target, case| open(case))
    }

    /// Live and lapsed reservations of a person that no outcome settled, for tests and queries.
    pub fn reservations(&self, account: AccountNo, now: UnixSeconds) -> usize {
        let person = self.state.accounts.get(account.0).map(|a| a.consumer);
        let person = person.and_then(|p| self.state.persons.get(p.0));
        person.map_or(0, |p| p.attempts.iter().filter(|a| a.is_live(now)).count())
    }
}

fn reservation(
    intent: &Intent,
    decision: &Decision,
    decided: &Decided,
    target: &Target,
    debts: DebtSet,
) -> Attempt {
    let kind = intent
        .channel
        .zip(intent.action)
        .map_or(0, |(c, a)| Attempt::pack_kind(c, a));
    Attempt {
        at: At::of(decision.decided_at),
        call: At::of(decision.use_by).0,
        debts,
        audit: low32(decision.audit_id),
        contact: target.contact,
        kind,
        outcome: Outcome::Pending.number(),
        flags: decided.attempt_flags | Attempt::RESERVED,
    }
}

/// The reservation an ALLOW of this case would make, before it has a row.
pub(super) fn supposed(case: &Case<'_>, target: &Target, debts: DebtSet) -> Attempt {
    let kind = case
        .contact()
        .map_or(0, |(channel, action)| Attempt::pack_kind(channel, action));
    Attempt {
        at: At::of(case.now),
        call: At::of(case.now.plus(Verdict::USE_BY_MAX_S)).0,
        debts,
        audit: 0,
        contact: target.contact,
        kind,
        outcome: Outcome::Pending.number(),
        flags: attempt_flags(case) | Attempt::RESERVED,
    }
}

/// What the counts must later know of an attempt that was allowed.
fn attempt_flags(case: &Case<'_>) -> u8 {
    let mut flags = 0;
    if matches!(
        case.dial_mode(),
        Some(DialMode::Prerecorded | DialMode::Ringless)
    ) {
        flags |= Attempt::PRERECORDED;
    }
    if purpose::reply_covers(case) {
        flags |= Attempt::REPLY;
    }
    if purpose::locates(case) {
        flags |= Attempt::LOCATION;
    }
    let at_work = case.intent.to_place == Asked::Known(PlaceKind::Employment);
    if at_work || case.phone.is_some_and(|phone| phone.has(Phone::WORK)) {
        flags |= Attempt::WORKPLACE;
    }
    flags
}

#[cfg(test)]
mod tests;
