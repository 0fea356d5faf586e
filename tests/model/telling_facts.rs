//! What one fact says goes into the world.

use dialgate::domain::record::{FactKind as K, FactRecord, PeriodRecord};
use dialgate::domain::time::{CivilDate, Zones};
use dialgate::domain::words::{
    ApprovalState, BankruptcyStatus, ConsentKind, Form, GivenTo, Inbound, Medium,
};

use super::consent;
use super::local::day_of;
use super::telling::{came, keys, text};
use super::world::{
    Account, Approval, Attorney, Bankruptcy, CallConsent, Cease, Contact, Dispute, Email,
    Inconvenient, Notice, Override, PriorConsent, Promise, Scope, World,
};

/// Days since 1970-01-01 of a date as records spell it.
fn day(date: CivilDate) -> i64 {
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
    of_account(account, kind, fact, (scope.clone(), at, on));
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
                dispute.answered.get_or_insert(at);
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
            if let Some(hold) = fact.hold {
                let until = fact.until.map(|until| until.0);
                let known = account.holds.entry(hold).or_insert(until);
                *known = until.or(*known);
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
    for phone in account.phones.iter_mut().filter(|p| p.number == number) {
        match kind {
            K::Consent => {
                let direct = fact.given_to == Some(GivenTo::Collector);
                let told = fact.consent.iter().map(|kind| (*kind, at, direct));
                phone.consents.extend(told);
                let recorded = fact.consent.contains(&ConsentKind::Prerecorded);
                phone.recorded |= recorded && !consent::calls_revoked(phone, i64::MAX);
            }
            K::Revocation => {
                phone.revocations.push((fact.consent.clone(), at));
                let of_texts = fact.consent == [ConsentKind::Text];
                phone.recorded &= of_texts;
            }
            K::NumberCheck => phone.checks.push((at, fact.reassigned == Some(true))),
            K::Inbound if fact.inbound == Some(Inbound::Text) => phone.inbound_texts.push(at),
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
    for email in account.emails.iter_mut().filter(|e| e.address == address) {
        of_address(email, kind, fact, (at, on));
    }
}

/// Facts about an address on the account's file.
fn of_address(email: &mut Email, kind: K, fact: &FactRecord, (at, on): (i64, bool)) {
    match kind {
        K::Consent if fact.given_to == Some(GivenTo::Collector) => {
            // One that does not come after a refusal restores nothing.
            if email.opted_out.is_some_and(|out| at <= out) {
                return;
            }
            if fact.consent.contains(&ConsentKind::Social) {
                email.social = email.social.max(Some(at));
            }
            if fact.consent.iter().any(|kind| *kind != ConsentKind::Social) {
                email.consents.push((at, fact.written == Some(true)));
            }
        }
        K::Revocation => {
            email.social = None;
            if fact.consent == [ConsentKind::Social] {
                return;
            }
            email.consents.clear();
            if email.opted_out.is_none() {
                (email.opted_out, email.confirmed) = (Some(at), false);
            }
        }
        K::ContactOptOut if on => {
            let first = *email.opted_out.get_or_insert(at);
            email.confirmed &= first != at;
        }
        K::ContactOptOut => email.opted_out = None,
        K::Inbound if fact.inbound == Some(Inbound::Email) => {
            email.used = Some(at.max(email.used.unwrap_or(0)));
        }
        K::EmailProcedure => {
            let sent = fact.creditor_notice.map(|sent| sent.0);
            email.creditor_notice = sent.or(email.creditor_notice);
            let proper = fact.obtained_properly.unwrap_or(email.obtained_properly);
            email.obtained_properly = proper;
            email.prior_used = fact.immediately_prior_used.unwrap_or(email.prior_used);
            if fact.opted_out == Some(true) {
                email.prior_opted_out = true;
                email.opted_out.get_or_insert(at);
            }
        }
        _ => {}
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
            let known = who.bankruptcies.iter().find(|b| b.scope == scope).cloned();
            who.bankruptcies.retain(|b| b.scope != scope);
            if on {
                who.bankruptcies.push(Bankruptcy {
                    scope,
                    chapter: fact.chapter.or(known.and_then(|b| b.chapter)),
                    status: fact.status.unwrap_or(BankruptcyStatus::Filed),
                    since: at,
                });
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
        (K::PriorConsent, true) => who.prior_consents.push(PriorConsent {
            at,
            until: fact.until.map(|until| until.0),
            direct: fact.given_to == Some(GivenTo::Collector),
            times: fact.times.unwrap_or(true),
            places: fact.places.unwrap_or(false),
        }),
        (K::PriorConsent, false) => who.prior_consents.clear(),
        (K::CallConsent, _) if fact.given_to.is_none_or(|to| to == GivenTo::Collector) => {
            who.call_consents.push(CallConsent {
                scope,
                at,
                last_day: fact.until_date.map(day),
                number: text(fact.phone.as_ref()),
                revoked: None,
            });
        }
        (K::ConsentRevoked, _) => {
            for consent in who.prior_consents.iter_mut().filter(|c| c.at <= at) {
                consent.until = Some(consent.until.map_or(at, |until| until.min(at)));
            }
            let concerns = |c: &&mut CallConsent| match (&c.scope, &scope) {
                (Scope::Debts(theirs), Scope::Debts(named)) => !theirs.is_disjoint(named),
                _ => true,
            };
            for consent in who.call_consents.iter_mut().filter(concerns) {
                if consent.at <= at {
                    consent.revoked = Some(consent.revoked.map_or(at, |known| known.min(at)));
                }
            }
        }
        (K::Inbound, _) => {
            if let Some(kind) = fact.inbound {
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
