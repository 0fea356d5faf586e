//! Consents: what is told of one late, twice, without a date or with one to come.

use dialgate::domain::record::{FactKind as K, FactRecord};
use dialgate::domain::words::{ConsentKind, GivenTo, Inbound};

use super::consent;
use super::telling::text;
use super::telling_facts::day;
use super::world::{CallConsent, Email, Person, Phone, PriorConsent, Scope};

/// Adds what happened then; what is still to come gives way to what has come.
pub(crate) fn happened(known: &mut Vec<i64>, at: i64, now: i64) {
    if at > now && known.iter().any(|known| *known <= now) {
        return;
    }
    if at <= now {
        known.retain(|known| *known <= now);
    }
    known.push(at);
}

pub(crate) fn consented(phone: &mut Phone, fact: &FactRecord, now: i64) {
    let said = fact.at.map(|at| at.0);
    for kind in &fact.consent {
        match kind {
            ConsentKind::Text if fact.given_to == Some(GivenTo::Collector) => {
                phone.texts.give(said, now);
            }
            ConsentKind::Text => {}
            _ => {
                phone.machines.give(said, now);
                if *kind == ConsentKind::Prerecorded {
                    phone.voices.give(said, now);
                }
            }
        }
    }
}

pub(crate) fn withdrawn(phone: &mut Phone, fact: &FactRecord, now: i64) {
    let said = fact.at.map(|at| at.0);
    if fact.consent != [ConsentKind::Text] {
        phone.machines.take(said, now);
        phone.voices.take(said, now);
    }
    if fact.consent.is_empty() || fact.consent.contains(&ConsentKind::Text) {
        phone.texts.take(said, now);
        phone.inbound_texts.retain(|came| *came <= now);
    }
}

/// Whether the check is news that somebody else has the number.
pub(crate) fn checked(phone: &mut Phone, at: i64, bad: bool, now: i64) -> bool {
    let found = consent::reassigned(phone);
    let mut fine = phone.checks.iter().filter(|(_, bad)| !bad);
    // A check that has not been made yet clears nothing, and is no newer than one that was.
    if !bad && at > now && (found || fine.any(|(known, _)| *known <= now)) {
        return false;
    }
    if bad || at <= now {
        phone.checks.retain(|(known, bad)| *bad || *known <= now);
    }
    phone.checks.push((at, bad));
    bad && phone.checks.iter().max() == Some(&(at, true))
}

/// Facts about an address on the account's file.
pub(crate) fn of_address(
    email: &mut Email,
    kind: K,
    fact: &FactRecord,
    (at, on): (i64, bool),
    now: i64,
) {
    match kind {
        K::Consent if fact.given_to == Some(GivenTo::Collector) => {
            // One that nobody dated, or that does not come after a refusal, restores nothing.
            let restores = |out: i64| fact.at.is_some() && at > out && at <= now;
            if email.opted_out.is_none_or(restores) {
                given(email, fact, now);
            }
        }
        K::Revocation => {
            let said = fact.at.map(|at| at.0);
            email.social.take(said, now);
            if fact.consent == [ConsentKind::Social] {
                return;
            }
            email.mail.take(said, now);
            email.written.take(said, now);
            let renews = said.is_some() || email.opted_out.is_none();
            if renews && email.opted_out.is_none_or(|out| at > out) {
                (email.opted_out, email.confirmed) = (Some(at), false);
            }
        }
        K::ContactOptOut if on => {
            not_ahead(email, now);
            let first = *email.opted_out.get_or_insert(at);
            email.confirmed &= first != at;
        }
        K::ContactOptOut => email.opted_out = None,
        K::Inbound if fact.inbound == Some(Inbound::Email) => {
            let mut used = Vec::from_iter(email.used);
            happened(&mut used, at, now);
            email.used = used.into_iter().max();
        }
        K::EmailProcedure => {
            let sent = fact.creditor_notice.map(|sent| sent.0);
            email.creditor_notice = sent.or(email.creditor_notice);
            let proper = fact.obtained_properly.unwrap_or(email.obtained_properly);
            email.obtained_properly = proper;
            email.prior_used = fact.immediately_prior_used.unwrap_or(email.prior_used);
            if fact.opted_out == Some(true) {
                email.prior_opted_out = true;
                if email.opted_out.is_none() {
                    not_ahead(email, now);
                }
                email.opted_out.get_or_insert(at);
            }
        }
        _ => {}
    }
}

/// Consent to an address: to a social network, to e-mail, or to both.
fn given(email: &mut Email, fact: &FactRecord, now: i64) {
    let said = fact.at.map(|at| at.0);
    let social = |kind: &ConsentKind| *kind == ConsentKind::Social;
    if fact.consent.iter().any(social) {
        email.social.give(said, now);
    }
    if fact.consent.iter().all(social) {
        return;
    }
    email.mail.give(said, now);
    if fact.written == Some(true) {
        email.written.give(said, now);
    }
}

/// What was to be given later is not given after a refusal that comes first.
fn not_ahead(email: &mut Email, now: i64) {
    for consent in [&mut email.mail, &mut email.written, &mut email.social] {
        consent.given.retain(|at| *at <= now);
    }
}

/// Consent to times and places.
pub(crate) fn prior_consent(who: &mut Person, fact: &FactRecord, at: i64) {
    // Nobody knows whether one without a date came after what was taken back.
    if fact.at.is_none() && !who.taken_back.is_empty() {
        return;
    }
    let taken = who.taken_back.iter().map(|(_, taken)| *taken);
    let until = taken.filter(|taken| *taken >= at);
    let said = PriorConsent {
        at,
        until: until.chain(fact.until.map(|until| until.0)).min(),
        direct: fact.given_to == Some(GivenTo::Collector),
        times: fact.times.unwrap_or(true),
        places: fact.places.unwrap_or(false),
        undated: fact.at.is_none(),
    };
    let before_it_began = |known: &PriorConsent| {
        known.until.is_some_and(|until| until <= known.at)
            && (known.at, known.direct) == (said.at, said.direct)
            && (known.times, known.places) == (said.times, said.places)
    };
    // An end that is not stated leaves the one that is.
    let again = |known: &PriorConsent| {
        (said.undated || known.at == said.at)
            && (known.direct, known.times, known.places) == (said.direct, said.times, said.places)
            && (known.until == said.until || (fact.until.is_none() && known.until.is_some()))
    };
    let known = |known: &PriorConsent| before_it_began(known) || again(known);
    if !who.prior_consents.iter().any(known) {
        who.prior_consents.push(said);
    }
}

/// Consent to further calls.
pub(crate) fn call_consent(who: &mut Person, fact: &FactRecord, scope: Scope, at: i64) {
    let concerns = |(taken, _): &&(Scope, i64)| concerns(taken, &scope);
    let taken = who.taken_back.iter().filter(concerns).map(|(_, at)| *at);
    let taken: Vec<i64> = taken.collect();
    let undated = fact.at.is_none();
    if undated && !taken.is_empty() {
        return;
    }
    let said = CallConsent {
        scope,
        at,
        last_day: fact.until_date.map(day),
        number: text(fact.phone.as_ref()),
        revoked: taken.into_iter().filter(|taken| *taken >= at).min(),
        undated,
    };
    let same = |known: &CallConsent| {
        (&known.scope, &known.number) == (&said.scope, &said.number)
            && known.last_day == said.last_day
            && (undated || known.at == at)
    };
    if !who.call_consents.iter().any(same) {
        who.call_consents.push(said);
    }
}

/// Both taken back.
pub(crate) fn take_back(who: &mut Person, fact: &FactRecord, scope: Scope, (at, now): (i64, i64)) {
    // What is to begin later was promised before.
    let before = |given: i64, undated: bool| given <= at || given > now || undated;
    for consent in &mut who.prior_consents {
        if before(consent.at, consent.undated) {
            consent.until = Some(consent.until.map_or(at, |until| until.min(at)));
        }
    }
    for consent in &mut who.call_consents {
        if before(consent.at, consent.undated) && concerns(&scope, &consent.scope) {
            consent.revoked = Some(consent.revoked.map_or(at, |known| known.min(at)));
        }
    }
    let told =
        |(known, since): &(Scope, i64)| *known == scope && (fact.at.is_none() || *since == at);
    if !who.taken_back.iter().any(told) {
        who.taken_back.push((scope, at));
    }
}

/// Whether what came then is to be noted: what is still to come gives way to what has come.
pub(crate) fn gives_way(who: &mut Person, kind: Inbound, (at, now): (i64, i64)) -> bool {
    let known = who.inbound.get(&kind).map(|(known, _)| *known);
    if at <= now && known.is_some_and(|known| known > now) {
        who.inbound.remove(&kind);
    }
    at <= now || known.is_none_or(|known| known > now)
}

/// Whether what was taken back for these debts ends a consent for those.
fn concerns(taken: &Scope, given: &Scope) -> bool {
    match (taken, given) {
        (Scope::Debts(named), Scope::Debts(theirs)) => !theirs.is_disjoint(named),
        _ => true,
    }
}
