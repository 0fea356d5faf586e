//! CONSENT by the text.

use dialgate::domain::verdict::Code;
use dialgate::domain::words::{Channel, DialMode, LineType, Purpose};

use super::case::{Case, Codes, note};
use super::local::{self, day_of};
use super::world::{Email, Permission, Phone};

const FRESH_DAYS: i64 = 60;
const OPT_OUT_DAYS: i64 = 35;

pub(crate) fn codes(case: &Case<'_>, at: i64) -> Codes {
    let mut found = Codes::new();
    match case.q.channel {
        Some(Channel::Phone) => call(case, at, &mut found),
        Some(Channel::Sms) => text(case, at, &mut found),
        Some(Channel::Email | Channel::Social) => email(case, at, &mut found),
        _ => {}
    }
    found
}

/// Revoking consent to one kind of message revokes it to all from here on: 47 CFR 64.1200(a)(10).
const REVOKES_ALL: (i64, i64, i64) = (2027, 1, 31);

impl Permission {
    /// The newest that no revocation has followed, be it still to come; one that nobody dated may
    /// have been given before any revocation.
    fn newest(&self) -> Option<(i64, bool)> {
        let taken = self.taken.iter().max();
        match self.given.iter().max() {
            Some(given) => taken
                .is_none_or(|taken| given > taken)
                .then_some((*given, true)),
            None => self.told.filter(|_| taken.is_none()).map(|at| (at, false)),
        }
    }

    /// The one that stands: when given, and whether somebody said when.
    pub(crate) fn stands(&self, at: i64) -> Option<(i64, bool)> {
        self.newest().filter(|(given, _)| *given <= at)
    }

    pub(crate) fn is_taken(&self) -> bool {
        !self.taken.is_empty() && self.newest().is_none()
    }

    /// It is said to have been given; none: nobody said when.
    pub(crate) fn give(&mut self, said: Option<i64>, now: i64) {
        let ahead = said.is_some_and(|at| at > now);
        // What has not happened yet restores nothing, and replaces nothing that has.
        if ahead && (self.is_taken() || self.stands(now).is_some()) {
            return;
        }
        if !ahead {
            self.given.retain(|known| *known <= now);
        }
        match said {
            Some(at) => self.given.push(at),
            None => {
                self.told.get_or_insert(now);
            }
        }
    }

    /// It is said to have been taken back.
    pub(crate) fn take(&mut self, said: Option<i64>, now: i64) {
        if said.is_none() && self.is_taken() {
            return;
        }
        self.given.retain(|known| *known <= now);
        self.taken.push(said.unwrap_or(now));
    }
}

/// The newest check decides; of two at once the worse.
pub(crate) fn reassigned(phone: &Phone) -> bool {
    phone
        .checks
        .iter()
        .max()
        .is_some_and(|(_, reassigned)| *reassigned)
}

impl Case<'_> {
    /// Whether the number's holder consented to a prerecorded voice.
    pub(crate) fn prerecorded_consent(&self, at: i64) -> bool {
        self.phone.is_some_and(|p| {
            let given = p.voices.stands(at);
            given.is_some_and(|given| !self.another_s(p, given, at)) && !p.machines.is_taken()
        })
    }

    /// Whether what was given then was given by whoever had the number before: a check says so, on
    /// this account or on another of which this account's own check is not newer.
    fn another_s(&self, phone: &Phone, (given, dated): (i64, bool), at: i64) -> bool {
        let elsewhere = self.world.contacts.get(&phone.number);
        let elsewhere = elsewhere.and_then(|known| known.reassigned);
        let fine = phone.checks.iter().filter(|(_, bad)| !bad);
        let fine = fine.map(|(since, _)| *since).max();
        let cleared = |found: i64| fine.is_some_and(|fine| found < fine && fine <= at);
        let elsewhere = elsewhere.filter(|found| !cleared(*found));
        let here = phone.checks.iter().max().filter(|_| reassigned(phone));
        let mut found = here.map(|(found, _)| *found).into_iter().chain(elsewhere);
        found.any(|found| given <= found || !dated)
    }

    /// Whether machines were told to stop, and not asked to go on at this number since.
    fn stopped(&self, permission: &Permission, at: i64) -> bool {
        let (year, month, day) = REVOKES_ALL;
        let binds = self.days(at).iter().any(|d| *d >= day_of(year, month, day));
        let since = |stop: i64| {
            let given = permission.stands(at);
            !given.is_some_and(|(given, dated)| dated && given > stop)
        };
        binds && self.who.stopped.is_some_and(since)
    }
}

fn call(case: &Case<'_>, at: i64, found: &mut Codes) {
    let recorded = case.prerecorded();
    let automatic = match case.dial_mode() {
        Some(DialMode::Predictive) => case.world.policy.predictive,
        None => true,
        _ => false,
    };
    let code = if recorded {
        Code::PrerecordedConsent
    } else {
        Code::AutodialConsent
    };
    let landline = case.line() == LineType::Landline;
    if !recorded && (!automatic || landline) {
        return;
    }
    let Some(phone) = case.phone else {
        found.insert(code);
        return;
    };
    let permission = if recorded {
        &phone.voices
    } else {
        &phone.machines
    };
    let stopped = case.stopped(permission, at);
    if phone.machines.is_taken() {
        found.insert(Code::ConsentRevoked);
    } else if landline {
        // A residence may be called so, up to a count that is TIMING's.
        note(found, stopped, Code::ConsentRevoked);
    } else if let Some(given) = permission.stands(at) {
        if case.another_s(phone, given, at) {
            found.insert(Code::NumberReassigned);
        } else {
            note(found, stopped, Code::ConsentRevoked);
        }
    } else {
        found.insert(code);
    }
}

/// Within the past sixty days: local dates at most sixty apart, in every place suggested.
fn fresh(case: &Case<'_>, since: i64, at: i64) -> bool {
    let mut zones = case.zones.iter();
    let near = |zone: &&local::Zone| zone.day(at) - zone.day(since) <= FRESH_DAYS;
    since <= at && !case.zones.is_empty() && zones.all(near)
}

fn text(case: &Case<'_>, at: i64, found: &mut Codes) {
    if case.purpose(at) == Purpose::OptOutConfirmation {
        return;
    }
    let Some(phone) = case.phone else {
        found.insert(Code::TextProcedure);
        return;
    };
    if phone.texts.is_taken() {
        found.insert(Code::ConsentRevoked);
        return;
    }
    let taken = phone.texts.taken.iter().max();
    let after = |since: &i64| taken.is_none_or(|taken| since > taken);
    let written = phone.inbound_texts.iter().copied().filter(after).max();
    let checked = phone.checks.iter().filter(|(_, bad)| !bad);
    let checked = checked.map(|(since, _)| *since).max();
    let checked = checked.is_some_and(|since| fresh(case, since, at)) && !reassigned(phone);
    let bases = [
        written
            .filter(|since| *since <= at)
            .map(|since| (since, false)),
        phone.texts.stands(at),
    ];
    let covering = bases.into_iter().flatten();
    let covering: Vec<_> = covering
        .filter(|(since, _)| checked || fresh(case, *since, at))
        .collect();
    if covering.is_empty() && !reassigned(phone) {
        found.insert(Code::TextProcedure);
    } else if covering
        .iter()
        .all(|basis| case.another_s(phone, *basis, at))
    {
        found.insert(Code::NumberReassigned);
    } else {
        note(found, case.stopped(&phone.texts, at), Code::ConsentRevoked);
    }
}

fn email(case: &Case<'_>, at: i64, found: &mut Codes) {
    let covered = case.email.is_some_and(|known| {
        let mut email = known.clone();
        if case.purpose(at) == Purpose::OptOutConfirmation {
            email.opted_out = None;
        }
        let social = case.channel_is(Channel::Social) && email.after_refusal(&email.social, at);
        social || used_or_consented(&email, at) || passed_on(case, &email, at)
    });
    note(found, !covered, Code::EmailProcedure);
}

/// (d)(4)(i): the consumer wrote from it, or consented to its use.
fn used_or_consented(email: &Email, at: i64) -> bool {
    let used = |since: i64| since <= at && email.opted_out.is_none_or(|out| since > out);
    email.used.is_some_and(used) || email.after_refusal(&email.mail, at)
}

impl Email {
    /// Whether a consent stands and came after the address was refused, if it was.
    pub(crate) fn after_refusal(&self, consent: &Permission, at: i64) -> bool {
        let after = |(given, dated)| self.opted_out.is_none_or(|out| dated && given > out);
        consent.stands(at).is_some_and(after)
    }
}

/// (d)(4)(ii) and (iii): passed on by the creditor, or by an earlier collector.
fn passed_on(case: &Case<'_>, email: &Email, at: i64) -> bool {
    // The last day to opt out belongs to the consumer.
    let waited = email.creditor_notice;
    let waited = waited.is_some_and(|sent| !case.within(sent, OPT_OUT_DAYS + 1, at));
    let creditor = waited && !email.employer && email.opted_out.is_none();
    creditor || by_earlier_collector(email)
}

/// (d)(4)(iii).
fn by_earlier_collector(email: &Email) -> bool {
    email.obtained_properly
        && email.prior_used
        && !email.prior_opted_out
        && email.opted_out.is_none()
}
