//! What one fact says goes into the world.

use dialgate::domain::record::{FactKind as K, FactRecord, PeriodRecord};
use dialgate::domain::time::{CivilDate, Zones};
use dialgate::domain::words::{
    ApprovalState, BankruptcyStatus, ConsentKind, Form, GivenTo, Inbound, Medium,
};

use super::local::day_of;
use super::telling::{came, keys, text};
use super::telling_consents::{
    call_consent, checked, consented, gives_way, happened, of_address, prior_consent, take_back,
    withdrawn,
};
use super::world::{
    Account, Approval, Attorney, Bankruptcy, Cease, Contact, Dispute, Inconvenient, Notice,
    Override, Promise, Scope, World,
};

/// Days since 1970-01-01 of a date as records spell it.
pub(crate) fn day(date: CivilDate) -> i64 {
    let (year, month, day) = date.ymd();
    day_of(i64::from(year), i64::from(month), i64::from(day))
}

/// Tells the world one fact about an account and its people.
pub(crate) fn tell(world: &mut World, id: &str, account: &mut Account, fact: &FactRecord) {
    let Some(kind) = fact.fact else { return };
    let at = fact.at.map_or(world.now, |at| at.0);
    let on = fact.lifted != Some(true);
    let scope = if fact.all_debts == Some(true) {
        Scope::Everything
    } else if fact.debts.is_empty() {
        Scope::Account(id.to_owned())
    } else {
        Scope::Debts(keys(account, &fact.debts))
    };
    let now = world.now;
    of_account(account, kind, fact, (scope.clone(), at, on), now);
    of_point(world, account, kind, fact, (at, on));
    let person = text(fact.person_id.as_ref()).unwrap_or_else(|| account.consumer.clone());
    restrictions_of_person(world, &person, kind, fact, (scope.clone(), at, on));
    wishes_of_person(world, &person, kind, fact, (scope, at, on));
}

fn of_account(
    account: &mut Account,
    kind: K,
    fact: &FactRecord,
    (scope, at, on): (Scope, i64, bool),
    now: i64,
) {
    match (kind, on) {
        (K::IdentityTheft, true) => account.identity_theft.push(scope),
        (K::IdentityTheft, false) => account.identity_theft.retain(|known| *known != scope),
        (K::Dispute, true) => account.disputes.push(Dispute {
            scope,
            received: at,
            form: fact.form.unwrap_or(Form::Written),
            answered: None,
            said_in_period: fact.in_period == Some(true),
        }),
        (K::Dispute, false) => account.disputes.retain(|known| known.scope != scope),
        (K::Verification, _) => {
            let whole = fact.debts.is_empty();
            let meant = |d: &&mut Dispute| (whole || d.scope == scope) && d.received <= at;
            for dispute in account.disputes.iter_mut().filter(meant) {
                let known = dispute.answered.unwrap_or(at);
                dispute.answered = Some(known.min(at));
            }
        }
        (K::NoticeSent, _) => account.notices.extend(fact.notice.map(|kind| Notice {
            kind,
            sent: at,
            returned: None,
        })),
        (K::NoticeReturned, _) => {
            let sent = |n: &&mut Notice| {
                Some(n.kind) == fact.notice && n.sent <= at && n.returned.is_none()
            };
            let newest = account
                .notices
                .iter_mut()
                .filter(sent)
                .max_by_key(|n| n.sent);
            if let Some(newest) = newest {
                newest.returned = Some(at);
            }
        }
        (K::Escalation, true) => account.escalations.extend(fact.escalation),
        (K::Escalation, false) => account.escalations.retain(|e| Some(*e) != fact.escalation),
        (K::Hold, true) => {
            if let Some(kind) = fact.hold {
                let said = (fact.at.map(|at| at.0), fact.until.map(|until| until.0));
                let known = account.holds.get(&kind).copied();
                account.holds.insert(kind, hold(known, said, now));
            }
        }
        (K::Hold, false) => account.holds.retain(|hold, _| Some(*hold) != fact.hold),
        (K::Approval, _) => approval(account, fact),
        (K::Override, _) => overriding(account, fact, at, on),
        (K::Promise, true) => promise(account, fact),
        (K::Promise, false) => account.promise = None,
        _ => {}
    }
}

type Hold = (i64, Option<i64>);

/// What lies on the account once a hold is told: since when, until when.
fn hold(known: Option<Hold>, (at, until): (Option<i64>, Option<i64>), now: i64) -> Hold {
    let said = (at.unwrap_or(now), until);
    let Some(known) = known else { return said };
    let ended = known.1.is_some_and(|known| known <= now);
    let same_end = until == known.1;
    let longer = match (until, known.1) {
        (None, Some(_)) => true,
        (Some(said), Some(known)) => said > known,
        (_, None) => false,
    };
    match at {
        // Asked for anew.
        Some(at) if at > known.0 => said,
        None if ended && longer => said,
        // An end nobody stated is not one; what lay before, or has ended, ends no sooner for it.
        _ if until.is_none() || same_end => known,
        Some(at) if at < known.0 && !longer => known,
        _ if ended && !longer => known,
        _ => (known.0, until),
    }
}

fn approval(account: &mut Account, fact: &FactRecord) {
    let (action, purpose) = (fact.action, fact.purpose);
    let same = |known: &Approval| known.action == action && known.purpose == purpose;
    let known = account.approvals.iter().position(same);
    let new = known.is_none();
    let at = known.unwrap_or_else(|| {
        account.approvals.push(Approval {
            action,
            purpose,
            state: ApprovalState::Pending,
            until: None,
            document: None,
            used: false,
        });
        account.approvals.len() - 1
    });
    let mut said = account.approvals[at].clone();
    let document = text(fact.document_id.as_ref()).or(said.document.clone());
    said.used &= document == said.document;
    said.state = fact.approval.unwrap_or(ApprovalState::Approved);
    said.until = fact.until.map(|until| until.0);
    said.document = document;
    // What says nothing new is no newer for it.
    if !new && said == account.approvals[at] {
        return;
    }
    account.approvals.remove(at);
    account.approvals.push(said);
}

fn overriding(account: &mut Account, fact: &FactRecord, at: i64, on: bool) {
    let (Some(kind), Some(document)) = (fact.override_kind, text(fact.document_id.as_ref())) else {
        return;
    };
    let known = |o: &Override| o.kind == kind && o.document == document;
    account.overrides.retain(|o| !known(o));
    if on {
        account.overrides.push(Override {
            kind,
            document,
            gates: fact.gates.clone(),
            since: at,
            until: fact.until.map_or(0, |until| until.0),
        });
    }
}

fn promise(account: &mut Account, fact: &FactRecord) {
    let Some(until_day) = fact.until_date.map(day) else {
        return;
    };
    let reminder = fact.reminder == Some(true);
    let same = |p: &Promise| (p.until_day, p.reminder) == (until_day, reminder);
    if !account.promise.as_ref().is_some_and(same) {
        account.promise = Some(Promise {
            until_day,
            reminder,
            used: false,
        });
    }
}

/// Facts about numbers and addresses.
fn of_point(
    world: &mut World,
    account: &mut Account,
    kind: K,
    fact: &FactRecord,
    (at, on): (i64, bool),
) {
    let number = text(fact.phone.as_ref()).unwrap_or_default();
    let address = text(fact.address.as_ref()).unwrap_or_default();
    if matches!(kind, K::ContactOptOut | K::DoNotCall) {
        refuse(world, kind, fact, (at, on));
    }
    let named = text(fact.person_id.as_ref());
    let mut owners = Vec::from_iter(named.clone());
    let (now, mut another_s, mut stoppers) = (world.now, false, Vec::new());
    for phone in account.phones.iter_mut().filter(|p| p.number == number) {
        match kind {
            K::Consent => consented(phone, fact, now),
            K::Revocation => {
                withdrawn(phone, fact, now);
                stoppers.push(phone.owner.clone());
            }
            K::NumberCheck => another_s |= checked(phone, at, fact.reassigned == Some(true), now),
            K::Inbound if fact.inbound == Some(Inbound::Text) => {
                happened(&mut phone.inbound_texts, at, now);
            }
            K::WrongNumber if named.as_ref().is_none_or(|only| *only == phone.owner) => {
                phone.wrong = on;
                owners.push(phone.owner.clone());
            }
            _ => {}
        }
    }
    if kind == K::WrongNumber {
        for owner in owners {
            world.misdirect(&owner, &number, on);
        }
    }
    for stopper in stoppers {
        let known = &mut world.person(&stopper).stopped;
        if fact.at.is_some() || known.is_none() {
            *known = (*known).max(Some(at));
        }
    }
    if another_s {
        let known = &mut world.contact(&number).reassigned;
        *known = (*known).max(Some(at));
    }
    for email in account.emails.iter_mut().filter(|e| e.address == address) {
        of_address(email, kind, fact, (at, on), now);
    }
}

/// A refusal of a number or address, whichever account names it.
pub(crate) fn refuse(world: &mut World, kind: K, fact: &FactRecord, (at, on): (i64, bool)) {
    let point = text(fact.phone.as_ref()).or(text(fact.address.as_ref()));
    let Some(point) = point else { return };
    let by_phone = fact.phone.is_some();
    let known = world.contact(&point);
    if kind == K::DoNotCall {
        let said = fact.until.map(|until| until.0);
        // Told twice, it stays for as long as either telling says.
        known.do_not_call = match (on, known.do_not_call) {
            (false, _) => None,
            (true, None) => Some(said),
            (true, Some(before)) => Some(before.zip(said).map(|(one, two)| one.max(two))),
        };
        return;
    }
    let covers = |kind| fact.consent.is_empty() || fact.consent.contains(&kind);
    let calls = covers(ConsentKind::Autodialed) || covers(ConsentKind::Prerecorded);
    let media: Vec<Medium> = match fact.medium {
        _ if !by_phone => vec![Medium::Email],
        _ if kind == K::Revocation => {
            let texts = covers(ConsentKind::Text).then_some(Medium::Texts);
            calls
                .then_some(Medium::Calls)
                .into_iter()
                .chain(texts)
                .collect()
        }
        Some(medium) => vec![medium],
        None => vec![Medium::Calls, Medium::Texts],
    };
    for medium in media {
        refuse_medium(known, medium, at, on);
    }
}

fn refuse_medium(known: &mut Contact, medium: Medium, at: i64, on: bool) {
    let new = if on {
        known.refused.insert(medium)
    } else {
        known.refused.remove(&medium);
        false
    };
    if matches!(medium, Medium::Texts | Medium::Email) {
        if !on {
            known.refused_texts = None;
        } else if new || known.refused_texts.is_none_or(|(since, _)| at > since) {
            known.refused_texts = Some((at, false));
        }
    }
}

/// What forbids contact with somebody.
fn restrictions_of_person(
    world: &mut World,
    person: &str,
    kind: K,
    fact: &FactRecord,
    (scope, at, on): (Scope, i64, bool),
) {
    let who = world.person(person);
    match (kind, on) {
        (K::Attorney, _) => attorney(who, fact, (scope, at, on)),
        (K::Cease, true) => {
            let form = fact.form.unwrap_or(Form::Written);
            let same = |c: &Cease| (&c.scope, c.form, c.received) == (&scope, form, at);
            if !who.ceases.iter().any(same) {
                who.ceases.push(Cease {
                    scope,
                    received: at,
                    form,
                    remedy_used: false,
                    terminate_used: false,
                    answered: None,
                });
            }
        }
        (K::Cease, false) => who.ceases.retain(|known| known.scope != scope),
        (K::Bankruptcy, _) => {
            let scope = if fact.debts.is_empty() {
                Scope::Everything
            } else {
                scope
            };
            if on {
                bankrupt(&mut who.bankruptcies, fact, scope, at);
            } else {
                who.bankruptcies.retain(|b| b.scope != scope);
            }
        }
        (K::Deceased, _) => who.deceased = on,
        (K::Minor, _) => who.minor = on,
        (K::Military, _) => who.military = on.then(|| fact.until_date.map(day)),
        (K::EmployerProhibits, _) => who.employer_prohibits = on,
        (K::LocationAnswered, _) => who.location_answered = on,
        (K::Vulnerability, true) => who.vulnerable.extend(fact.vulnerability),
        (K::Vulnerability, false) => who.vulnerable.retain(|v| Some(*v) != fact.vulnerability),
        _ => {}
    }
}

/// Whatever becomes of a case is remembered beside what became of it before.
fn bankrupt(all: &mut Vec<Bankruptcy>, fact: &FactRecord, scope: Scope, at: i64) {
    let status = fact.status.unwrap_or(BankruptcyStatus::Filed);
    let mut here: Vec<usize> = (0..all.len()).filter(|n| all[*n].scope == scope).collect();
    here.sort_by_key(|n| all[*n].since);
    let newest = here.last().map(|n| &mut all[*n]);
    let mut chapter = fact.chapter;
    let mut known = false;
    if let Some(newest) = newest {
        if newest.status == BankruptcyStatus::Filed {
            chapter = chapter.or(newest.chapter);
            let open = newest.chapter.is_none() || newest.chapter == chapter;
            if status == BankruptcyStatus::Filed
                && open
                && (fact.at.is_none() || newest.since == at)
            {
                // Now one knows of which chapter it is.
                newest.chapter = chapter;
                return;
            }
        }
        let same =
            newest.status == status && (fact.chapter.is_none() || fact.chapter == newest.chapter);
        known = fact.at.is_none() && same;
    }
    let again = |b: &Bankruptcy| {
        fact.at.is_some()
            && (&b.scope, b.status, b.since) == (&scope, status, at)
            && (fact.chapter.is_none() || fact.chapter == b.chapter)
    };
    if !known && !all.iter().any(again) {
        all.push(Bankruptcy {
            scope,
            chapter,
            status,
            since: at,
        });
    }
}

fn attorney(
    who: &mut super::world::Person,
    fact: &FactRecord,
    (scope, at, on): (Scope, i64, bool),
) {
    match who.attorneys.iter_mut().find(|known| known.scope == scope) {
        Some(known) => {
            known.lifted = !on;
            known.contact_known = fact.contact_known.unwrap_or(known.contact_known);
            known.form = fact.form.unwrap_or(known.form);
            known.since = if on { at } else { known.since };
        }
        None if on => who.attorneys.push(Attorney {
            scope,
            since: at,
            form: fact.form.unwrap_or(Form::Written),
            contact_known: fact.contact_known.unwrap_or(true),
            lifted: false,
            answered: None,
        }),
        None => {}
    }
}

/// What somebody wished, consented to, or did.
fn wishes_of_person(
    world: &mut World,
    person: &str,
    kind: K,
    fact: &FactRecord,
    (scope, at, on): (Scope, i64, bool),
) {
    let now = world.now;
    let who = world.person(person);
    match (kind, on) {
        (K::StatedZone, true) => {
            who.zone = fact.zone.map(|zone| Zones::bundled().name(zone).to_owned());
        }
        (K::StatedZone, false) => who.zone = None,
        (K::InconvenientTime, true) => who.inconvenient.push(Inconvenient {
            since: at,
            from_day: fact.from_date.map(day),
            until_day: fact.until_date.map(day),
            periods: fact.periods.iter().map(period).collect(),
        }),
        (K::InconvenientTime, false) => who.inconvenient.clear(),
        (K::InconvenientPlace, true) => who.places.extend(fact.place),
        (K::InconvenientPlace, false) => who.places.retain(|place| Some(*place) != fact.place),
        (K::MediumOptOut, true) => {
            let Some(medium) = fact.medium else { return };
            if who
                .refused
                .get(&medium)
                .is_none_or(|(since, _)| at > *since)
            {
                who.refused.insert(medium, (at, false));
            }
        }
        (K::MediumOptOut, false) => who.refused.retain(|medium, _| Some(*medium) != fact.medium),
        (K::PriorConsent, true) => prior_consent(who, fact, at),
        (K::PriorConsent, false) => who.prior_consents.clear(),
        (K::CallConsent, _) if fact.given_to.is_none_or(|to| to == GivenTo::Collector) => {
            call_consent(who, fact, scope, at);
        }
        (K::ConsentRevoked, _) => take_back(who, fact, scope, (at, now)),
        (K::Inbound, _) => {
            if let Some(kind) = fact.inbound
                && gives_way(who, kind, (at, now))
            {
                came(world, person, kind, at);
            }
        }
        _ => {}
    }
}

fn period(said: &PeriodRecord) -> (Vec<u8>, i64, i64) {
    let days = if said.days.is_empty() {
        (1..=7).collect()
    } else {
        said.days.clone()
    };
    let from = said.from.map_or(0, |time| i64::from(time.0));
    let to = said.to.map_or(86_400, |time| i64::from(time.0));
    (days, from, to)
}
