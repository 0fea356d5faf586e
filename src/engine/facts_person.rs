//! Facts about a person: what they told the collector, and what became of them.

use super::commands::Refusal;
use super::draft::{Draft, FACTS_MAX, Refused, push_bounded};
use super::facts::effective;
use super::state::State;
use crate::domain::facts::{
    At, Attorney, Bankruptcy, CallConsent, Cease, ConsentRevocation, DebtScope, InconvenientPeriod,
    InconvenientTime, PersonExtras, PriorConsent, WorkRequest,
};
use crate::domain::record::{FactKind, FactRecord, PeriodRecord, phone_of};
use crate::domain::words::{BankruptcyStatus, Form, GivenTo, PlaceKind};

/// Applies one.
pub(super) fn apply(
    state: &State,
    draft: &mut Draft,
    kind: FactKind,
    fact: &FactRecord,
) -> Result<(), Refused> {
    let person = draft.party(state, fact.person_id.as_ref())?;
    let at = effective(draft, fact);
    let on = fact.lifted != Some(true);
    let scope = match kind {
        FactKind::Attorney | FactKind::Cease if fact.all_debts == Some(true) => {
            DebtScope::Everything
        }
        // A stay reaches every debt from before the filing unless the caller limits it.
        FactKind::Bankruptcy if fact.debts.is_empty() => DebtScope::Everything,
        _ => draft.scope(state, &fact.debts)?,
    };
    let now = At::of(draft.now);
    if on
        && shortens(draft.person_extras(state, person)?, kind, (fact, &scope))
        && !draft.may_end(fact.reason.is_some())?
    {
        return Ok(());
    }
    let extras = draft.person_extras(state, person)?;
    match kind {
        FactKind::StatedZone if on => extras.stated_zone = fact.zone.or(extras.stated_zone),
        FactKind::StatedZone => extras.stated_zone = None,
        FactKind::InconvenientTime => inconvenient_time(extras, fact, at, on)?,
        FactKind::InconvenientPlace => {
            let place = fact.place.ok_or(("place", Refusal::Missing))?;
            extras.inconvenient_places =
                super::record::with(extras.inconvenient_places, 1 << place.number(), on);
            if place == PlaceKind::Employment {
                work_request(extras, fact, at, on);
            }
        }
        FactKind::EmployerProhibits => extras.employer_prohibits = on,
        FactKind::UnreachableAtHome => extras.unreachable_at_home = on,
        FactKind::Attorney => attorney(extras, fact, scope, at, on),
        FactKind::Cease => cease(extras, fact, scope, at, on),
        FactKind::Bankruptcy => bankruptcy(extras, fact, scope, at, on),
        FactKind::Deceased => extras.deceased = on,
        FactKind::Minor => extras.minor = on,
        FactKind::Military => extras.military = on.then_some(fact.until_date),
        FactKind::Vulnerability => {
            let which = fact
                .vulnerability
                .ok_or(("vulnerability", Refusal::Missing))?;
            extras.vulnerable = super::record::with(extras.vulnerable, 1 << which.number(), on);
        }
        FactKind::MediumOptOut => medium(extras, fact, at, on)?,
        FactKind::PriorConsent => prior_consent(extras, fact, at, on),
        FactKind::CallConsent => call_consent(extras, fact, scope, at),
        FactKind::ConsentRevoked => revoke(extras, scope, fact, (at, now)),
        FactKind::LocationAnswered => extras.location_answered = on,
        _ => {}
    }
    full(extras)
}

fn full(extras: &PersonExtras) -> Result<(), Refused> {
    let lists = [
        extras.inconvenient_times.len(),
        extras.attorneys.len(),
        extras.ceases.len(),
        extras.bankruptcies.len(),
        extras.prior_consents.len(),
        extras.call_consents.len(),
        extras.consent_revocations.len(),
    ];
    if lists.iter().any(|n| *n > FACTS_MAX) {
        Err(("facts", Refusal::TooMany))
    } else {
        Ok(())
    }
}

fn inconvenient_time(
    extras: &mut PersonExtras,
    fact: &FactRecord,
    at: At,
    on: bool,
) -> Result<(), Refused> {
    if !on {
        extras.inconvenient_times.clear();
        return Ok(());
    }
    let periods: Option<Vec<InconvenientPeriod>> = fact.periods.iter().map(period).collect();
    let mut periods = periods.ok_or(("periods", Refusal::Missing))?;
    if periods.is_empty() {
        if fact.from_date.is_none() && fact.until_date.is_none() {
            return Err(("periods", Refusal::Missing));
        }
        // Dates alone: whole days.
        periods.extend(period(&PeriodRecord::default()));
    }
    let said = InconvenientTime {
        since: at,
        from_date: fact.from_date,
        until_date: fact.until_date,
        periods,
    };
    let same = |known: &InconvenientTime| {
        known.periods == said.periods
            && known.from_date == said.from_date
            && known.until_date == said.until_date
            && (fact.at.is_none() || known.since == said.since)
    };
    if !extras.inconvenient_times.iter().any(same) {
        let alike = |known: &InconvenientTime| {
            let since = said.since;
            let known = InconvenientTime {
                since,
                ..known.clone()
            };
            known == said
        };
        push_bounded(&mut extras.inconvenient_times, said.clone(), alike, |one| {
            one.since
        });
    }
    Ok(())
}

/// A request whose form nobody stated counts as written: it never lapses. A written one is not
/// weakened by a spoken one.
fn work_request(extras: &mut PersonExtras, fact: &FactRecord, at: At, on: bool) {
    let oral = fact.form == Some(Form::Oral);
    extras.work_request = match extras.work_request.filter(|_| on) {
        None => on.then_some(WorkRequest { at, oral }),
        Some(known) => {
            let weaker = oral && !known.oral;
            let says_nothing_new = fact.at.is_none() && oral == known.oral;
            Some(if weaker || says_nothing_new {
                known
            } else {
                let at = if fact.at.is_some() && oral == known.oral {
                    at.max(known.at)
                } else {
                    at
                };
                WorkRequest { at, oral }
            })
        }
    };
}

fn period(said: &PeriodRecord) -> Option<InconvenientPeriod> {
    let mut days = 0_u8;
    for day in &said.days {
        days |= 1_u8
            .checked_shl(u32::from(day.checked_sub(1)?))
            .filter(|_| *day <= 7)?;
    }
    Some(InconvenientPeriod {
        days: if said.days.is_empty() { 0x7f } else { days },
        from: said.from.map_or(0, |t| t.0),
        to: said.to.map_or(86_400, |t| t.0),
    })
}

fn attorney(extras: &mut PersonExtras, fact: &FactRecord, scope: DebtScope, at: At, on: bool) {
    let known = extras.attorneys.iter_mut().find(|a| a.debts == scope);
    match known {
        Some(known) => {
            known.lifted_by_attorney = !on;
            known.contact_known = fact.contact_known.unwrap_or(known.contact_known);
            known.form = fact.form.unwrap_or(known.form);
            if on && fact.at.is_some() {
                known.since = at;
            }
        }
        None if on => extras.attorneys.push(Attorney {
            debts: scope,
            since: at,
            form: fact.form.unwrap_or(Form::Written),
            // Unless somebody says otherwise the name and address can be ascertained.
            contact_known: fact.contact_known.unwrap_or(true),
            lifted_by_attorney: false,
            answered: At::NEVER,
        }),
        None => {}
    }
}

fn cease(extras: &mut PersonExtras, fact: &FactRecord, scope: DebtScope, at: At, on: bool) {
    if !on {
        extras.ceases.retain(|known| known.debts != scope);
        return;
    }
    let form = fact.form.unwrap_or(Form::Written);
    let same = |known: &Cease| {
        known.debts == scope && known.form == form && (fact.at.is_none() || known.received == at)
    };
    if !extras.ceases.iter().any(same) {
        let said = Cease {
            debts: scope,
            received: at,
            form,
            remedy_used: false,
            terminate_used: false,
            answered: At::NEVER,
        };
        let alike = |known: &Cease| {
            let received = said.received;
            let known = Cease {
                received,
                ..known.clone()
            };
            known == said
        };
        push_bounded(&mut extras.ceases, said.clone(), alike, |one| one.received);
    }
}

/// Whether it ends sooner what the person told, or what protects them.
fn shortens(
    extras: &PersonExtras,
    kind: FactKind,
    (fact, scope): (&FactRecord, &DebtScope),
) -> bool {
    match (kind, extras.military) {
        (FactKind::Military, Some(known)) => fact
            .until_date
            .is_some_and(|last| known.is_none_or(|known| last < known)),
        (FactKind::Bankruptcy, _) => {
            let ends = matches!(
                fact.status,
                Some(BankruptcyStatus::Dismissed | BankruptcyStatus::Reaffirmed)
            );
            let known = &extras.bankruptcies;
            ends && !known.is_empty() && !is_retold(known, fact, scope)
        }
        _ => false,
    }
}

/// Each event of a case is an entry of its own, so that neither a later case nor a late report makes
/// an earlier discharge or petition forgotten; the gate weighs them by their instants. A list that is
/// full refuses more.
fn bankruptcy(extras: &mut PersonExtras, fact: &FactRecord, scope: DebtScope, at: At, on: bool) {
    let known = &mut extras.bankruptcies;
    if !on {
        known.retain(|b| b.debts != scope);
        return;
    }
    let status = fact.status.unwrap_or(BankruptcyStatus::Filed);
    let open = newest_event(known, &scope)
        .and_then(|n| known.get_mut(n))
        .filter(|b| b.status == BankruptcyStatus::Filed);
    // What does not say of which chapter is of the case that is open.
    let chapter = fact
        .chapter
        .or_else(|| open.as_ref().map(|b| b.chapter))
        .unwrap_or(0);
    if status == BankruptcyStatus::Filed
        && let Some(open) = open
        && (open.chapter == 0 || open.chapter == chapter)
        && (fact.at.is_none() || open.since == at)
    {
        open.chapter = chapter;
        return;
    }
    let said = Bankruptcy {
        debts: scope,
        chapter,
        status,
        since: at,
    };
    if !is_retold(known, fact, &said.debts) {
        let alike = |known: &Bankruptcy| {
            let since = said.since;
            let known = Bankruptcy {
                since,
                ..known.clone()
            };
            known == said
        };
        push_bounded(known, said.clone(), alike, |one| one.since);
    }
}

/// The newest event for exactly these debts.
fn newest_event(known: &[Bankruptcy], scope: &DebtScope) -> Option<usize> {
    let here = known.iter().enumerate().filter(|(_, b)| b.debts == *scope);
    here.max_by_key(|(n, b)| (b.since, *n)).map(|(n, _)| n)
}

/// Whether an event is known: a dated one by its instant, one that nobody dated if it is the newest.
fn is_retold(known: &[Bankruptcy], fact: &FactRecord, scope: &DebtScope) -> bool {
    let same = |known: &Bankruptcy| {
        known.debts == *scope
            && known.status == fact.status.unwrap_or(BankruptcyStatus::Filed)
            && fact.chapter.is_none_or(|chapter| chapter == known.chapter)
            && fact.at.is_none_or(|at| At::of(at) == known.since)
    };
    if fact.at.is_some() {
        return known.iter().any(same);
    }
    newest_event(known, scope)
        .and_then(|n| known.get(n))
        .is_some_and(same)
}

fn medium(extras: &mut PersonExtras, fact: &FactRecord, at: At, on: bool) -> Result<(), Refused> {
    let medium = fact.medium.ok_or(("medium", Refusal::Missing))?;
    let bit = 1 << medium.number();
    let was = extras.refused_media & bit != 0;
    extras.refused_media = super::record::with(extras.refused_media, bit, on);
    if let Some(slot) = extras.refused_at.get_mut(usize::from(medium.number())) {
        if !on {
            *slot = At::NEVER;
        } else if !was || (fact.at.is_some() && at > *slot) {
            *slot = at;
            extras.confirmed_media &= !bit;
        }
    }
    Ok(())
}

fn prior_consent(extras: &mut PersonExtras, fact: &FactRecord, at: At, on: bool) {
    if !on {
        extras.prior_consents.clear();
        return;
    }
    let undated = fact.at.is_none();
    let revoked = extras.consent_revocations.iter().map(|revoked| revoked.at);
    // One that nobody dated restores nothing.
    if undated && revoked.len() > 0 {
        return;
    }
    let revoked = revoked.filter(|revoked| *revoked >= at).min();
    let until = fact.until.map_or(At::NEVER, At::of);
    let said = PriorConsent {
        // Consent that does not say to whom lifts nothing here (comment 6(b)(4)(i)-2).
        given_to: fact.given_to.unwrap_or(GivenTo::Creditor),
        at,
        until: sooner(until, revoked.unwrap_or(At::NEVER)),
        times: fact.times.unwrap_or(true),
        places: fact.places.unwrap_or(false),
        undated,
    };
    let same = |known: &PriorConsent| {
        let at = if undated { known.at } else { said.at };
        // Taken back before it began, it does not begin.
        let void = known.until.is_set() && known.until <= known.at;
        let until = if known.until.is_set() && (fact.until.is_none() || void) {
            known.until
        } else {
            said.until
        };
        *known
            == PriorConsent {
                at,
                until,
                ..said.clone()
            }
    };
    if !extras.prior_consents.iter().any(same) {
        extras.prior_consents.push(said);
    }
}

/// The sooner of two ends; never = it does not end.
fn sooner(one: At, other: At) -> At {
    if super::facts_account::ends_before(other, one) {
        other
    } else {
        one
    }
}

fn call_consent(extras: &mut PersonExtras, fact: &FactRecord, scope: DebtScope, at: At) {
    // Only consent given directly to this collector reaches the frequencies (1006.14(b)(3)(i)).
    if fact.given_to.is_some_and(|to| to != GivenTo::Collector) {
        return;
    }
    let undated = fact.at.is_none();
    let number = fact.phone.as_ref().and_then(phone_of);
    let revocations = extras.consent_revocations.iter();
    let mut revoked = revocations
        .filter(|r| reaches(&r.debts, &scope))
        .map(|r| r.at)
        .peekable();
    if undated && revoked.peek().is_some() {
        return;
    }
    let revoked = revoked.filter(|revoked| *revoked >= at).min();
    let same = |known: &CallConsent| {
        known.debts == scope
            && known.number == number
            && known.last_day == fact.until_date
            && (undated || known.at == at)
    };
    if !extras.call_consents.iter().any(same) {
        extras.call_consents.push(CallConsent {
            debts: scope,
            at,
            last_day: fact.until_date,
            number,
            revoked: revoked.unwrap_or(At::NEVER),
            undated,
        });
    }
}

/// Whether what was revoked for these debts ends a consent for those.
fn reaches(revoked: &DebtScope, consent: &DebtScope) -> bool {
    match (consent, revoked) {
        (DebtScope::Debts(theirs), DebtScope::Debts(named)) => {
            theirs.iter().any(|debt| named.contains(debt))
        }
        _ => true,
    }
}

/// Ends consents that were given before `at` and reach the same debts; every prior consent ends. So do
/// those that nobody dated or that are dated ahead.
fn revoke(extras: &mut PersonExtras, scope: DebtScope, fact: &FactRecord, (at, now): (At, At)) {
    let said = ConsentRevocation { debts: scope, at };
    let told = |known: &ConsentRevocation| {
        known.debts == said.debts && (fact.at.is_none() || known.at == at)
    };
    let ends = |given: At, undated: bool| given <= at || undated || given > now;
    for consent in &mut extras.prior_consents {
        if ends(consent.at, consent.undated) {
            consent.until = sooner(consent.until, at);
        }
    }
    for consent in &mut extras.call_consents {
        if ends(consent.at, consent.undated) && reaches(&said.debts, &consent.debts) {
            consent.revoked = sooner(consent.revoked, at);
        }
    }
    if !extras.consent_revocations.iter().any(told) {
        let alike = |known: &ConsentRevocation| known.debts == said.debts;
        push_bounded(
            &mut extras.consent_revocations,
            said.clone(),
            alike,
            |one| one.at,
        );
    }
}
